import type { Journal } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { line } from './untrusted.ts';

const maxProbes = 100;

/** What was tried from inside the pod; what should not have been first. */
export function isolationView({ isolation }: Pick<Journal, 'isolation'>) {
  const badFirst = isolation.toSorted((a, b) => Number(a.ok) - Number(b.ok));
  const bad = isolation.filter((each) => !each.ok).length;
  return {
    tried: isolation.length > 0,
    sentence: sentenceOf(isolation.length, bad),
    ...bounded(badFirst, maxProbes, ({ what, expected, found, ok }) => ({
      what: line(what),
      expected,
      found: line(found),
      ok,
    })),
  };
}

function sentenceOf(tried: number, bad: number): string {
  if (tried === 0) return 'Nothing was tried, because no pod was running. Whether it is sealed was not seen.';
  if (bad > 0) return `The pod is not sealed: ${bad} of ${tried} attempts did not end as they must.`;
  return `The restored copies could reach nothing outside their pod: all ${tried} attempts ended as they must.`;
}
