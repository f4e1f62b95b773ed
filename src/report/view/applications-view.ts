import { count } from '../../kit/text.ts';
import { formatDuration } from '../../kit/units.ts';
import type { ApplicationRecord, Journal } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { type Outcome, outcomeView, resultsByService, worstOutcome } from './outcome.ts';
import { comparisonsView } from './services-view.ts';
import { line, nameOf } from './untrusted.ts';

const maxApplications = 50;

/** The applications that were run on what was restored; undefined when there were none. */
export function applicationsView({ applications = [], checks }: Journal) {
  if (applications.length === 0) return undefined;
  const resultsOf = resultsByService(checks.filter(({ check }) => check === 'application'));
  return bounded(applications, maxApplications, (record) => {
    const results = resultsOf(record.application);
    const outcome = worstOutcome(results);
    return {
      ...outcomeView(outcome),
      application: nameOf(record.application),
      sentence: sentences[outcome],
      services: record.services.map(line).join(', '),
      image: record.image && {
        name: line(record.image.name),
        id: line(record.image.id),
        digest: line(record.image.digest ?? ''),
      },
      ready: record.readyMs === null ? '' : duration(record.readyMs),
      steps: stepsTaken(record),
      comparisons: comparisonsView(results),
    };
  });
}

const sentences: Record<Outcome, string> = {
  pass: 'works on the restored data',
  fail: 'does not work on the restored data',
  inconclusive: 'could not be tried',
  'not-run': 'was not tried',
};

/** `Application todo: works on the restored data, ready after 1.2 s, 5 of 5 steps taken`; names are made harmless. */
export function applicationLines({ applications = [], checks }: Journal): string[] {
  const resultsOf = resultsByService(checks.filter(({ check }) => check === 'application'));
  return applications.slice(0, maxApplications).map((record) => {
    const { application, readyMs } = record;
    const ready = readyMs === null ? '' : `, ready after ${formatDuration(readyMs)}`;
    const outcome = worstOutcome(resultsOf(application));
    return `Application ${nameOf(application)}: ${sentences[outcome]}${ready}, ${stepsTaken(record)}`;
  });
}

function stepsTaken({ steps: { expected, taken } }: ApplicationRecord): string {
  return `${taken} of ${count(expected, 'step')} taken`;
}
