import type { Journal } from '../../model/journal.ts';
import { applicationsView } from './applications-view.ts';
import { checksView } from './checks-view.ts';
import { estimateView } from './estimate-view.ts';
import { excursionsView } from './excursions-view.ts';
import { findingsView } from './findings-view.ts';
import { isolationView } from './isolation-view.ts';
import { lastGoodView } from './last-good-view.ts';
import { limitsView } from './limits-view.ts';
import { originsView } from './origins-view.ts';
import { plantedView } from './planted-view.ts';
import { restoreView } from './restore-view.ts';
import { rtoView } from './rto-view.ts';
import { servicesView } from './services-view.ts';
import { timelineView } from './timeline-view.ts';
import { verdictView } from './verdict-view.ts';

/** All that the templates show, as plain text and in its order; nothing in it is HTML. */
export function reportView(journal: Journal) {
  return {
    verdict: verdictView(journal),
    lastGood: lastGoodView(journal),
    rto: rtoView(journal),
    estimate: estimateView(journal),
    findings: findingsView(journal),
    timeline: timelineView(journal),
    services: servicesView(journal),
    restore: restoreView(journal),
    excursions: excursionsView(journal),
    planted: plantedView(journal),
    applications: applicationsView(journal),
    checks: checksView(journal),
    isolation: isolationView(journal),
    limits: limitsView(journal),
    origins: originsView(journal),
  };
}
