import { type CheckResult, checks } from '../../model/check.ts';
import type { Journal } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { outcomes, outcomeView, resultsByService } from './outcome.ts';
import { line, nameOf } from './untrusted.ts';

const maxGroups = 100;
const maxChecksPerGroup = 60;

/** All checks: those of the whole drill first, then each service's; in each group the worst first. */
export function checksView({ checks: results, services, applications = [] }: Journal) {
  const titles = new Map([
    ...applications.map(({ application }) => [application, 'an application'] as const),
    ...services.map(({ service, title }) => [service, title] as const),
  ]);
  // Not `services` alone: a result of a service that is not among them must not vanish.
  const names = [...new Set([null, ...services.map(({ service }) => service), ...results.map((each) => each.service)])];
  const resultsOf = resultsByService(results);
  const present = names.filter((name) => resultsOf(name).length > 0);
  return {
    counts: outcomes
      .map((outcome) => ({ ...outcomeView(outcome), n: results.filter((each) => each.outcome === outcome).length }))
      .filter((each) => each.n > 0),
    ...bounded(present, maxGroups, (name) => ({
      name: name === null ? 'The whole drill' : nameOf(name),
      title: name === null ? '' : line(titles.get(name) ?? ''),
      checks: groupOf(resultsOf(name)),
    })),
  };
}

function groupOf(results: readonly CheckResult[]) {
  const worstFirst = results.toSorted((a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome));
  return bounded(worstFirst, maxChecksPerGroup, ({ check, outcome, expected, lookedAt, subjects }) => ({
    ...outcomeView(outcome),
    check,
    asks: checks[check].asks,
    lookedAt: lookedAt.toLocaleString('en-US'),
    expected: expected.toLocaleString('en-US'),
    subjects: line(subjects),
  }));
}
