import type { Journal } from '../model/journal.ts';
import { compileTemplate } from './compile-template.ts';
import { applications } from './template/applications.ts';
import { estimate } from './template/estimate.ts';
import { checks, isolation, origins } from './template/evidence.ts';
import { excursions } from './template/excursions.ts';
import { findings } from './template/findings.ts';
import { page } from './template/page.ts';
import { planted } from './template/planted.ts';
import { restore } from './template/restore.ts';
import { service, services } from './template/services.ts';
import { style } from './template/style.ts';
import { limits, rto, verdict } from './template/summary.ts';
import { timeline } from './template/timeline.ts';
import { reportView } from './view/report-view.ts';

// Strings, not files: so that they lie in `src/` and in the compiled package alike.
const partials = {
  style,
  verdict,
  rto,
  estimate,
  timeline,
  findings,
  services,
  service,
  restore,
  excursions,
  planted,
  applications,
  checks,
  isolation,
  limits,
  origins,
};
const render = compileTemplate<ReturnType<typeof reportView>>(page, partials);

/** The journal as one HTML file that needs nothing else: no script, no request. Everything in it is escaped. */
export function renderHtml(journal: Journal): string {
  return render(reportView(journal));
}
