import { type CheckResult, checkIds, checks, type Finding, isWarning } from '../../model/check.ts';
import type { Journal } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { outcomeWords } from './outcome.ts';
import { line, lines } from './untrusted.ts';

const maxShown = 100;

const states = ['fail', 'inconclusive', 'warning'] as const;
const words = {
  fail: outcomeWords.fail,
  inconclusive: outcomeWords.inconclusive,
  warning: { word: 'warning', sign: '!' },
};

/**
 * Failures before what could not be seen, warnings last; among equals in the order of the checks' vocabulary, which follows a backup's
 * life: the earliest is most likely the cause of the others.
 */
export function findingsView({ checks: results }: Journal) {
  const told = results.filter(({ outcome }) => outcome !== 'not-run');
  const all = once(told.flatMap((result) => result.findings.map((finding) => foundBy(result, finding)))).sort(
    worseFirst,
  );
  const uncounted = told.reduce((sum, each) => sum + each.moreFindings, 0);
  return { total: all.length + uncounted, ...bounded(all, maxShown, findingView, uncounted) };
}

interface Found {
  result: CheckResult;
  finding: Finding;
  state: (typeof states)[number];
}

function foundBy(result: CheckResult, finding: Finding): Found {
  const { outcome } = result;
  // A check that passed has nothing but warnings, whatever an old journal calls them.
  const isNone = isWarning(finding) || outcome === 'pass' || outcome === 'not-run';
  return { result, finding, state: isNone ? 'warning' : outcome };
}

/** What the restore and a check both stumbled over is one finding, with what either knows. */
function once(found: readonly Found[]): Found[] {
  const byWords = new Map<string, Found>();
  for (const each of found) {
    const { check, service } = each.result;
    const key = JSON.stringify([check, service, each.finding.sentence]);
    const earlier = byWords.get(key);
    byWords.set(key, earlier ? { ...earlier, finding: { ...earlier.finding, ...each.finding } } : each);
  }
  return [...byWords.values()];
}

function worseFirst(a: Found, b: Found): number {
  const byState = states.indexOf(a.state) - states.indexOf(b.state);
  return byState || checkIds.indexOf(a.result.check) - checkIds.indexOf(b.result.check);
}

function findingView({ result, finding, state }: Found) {
  return {
    outcome: state,
    ...words[state],
    sentence: line(finding.sentence) || '(nothing was said)',
    check: result.check,
    asks: checks[result.check].asks,
    service: result.service === null ? 'the whole drill' : line(result.service),
    compared: Boolean(finding.expected || finding.found),
    expected: lines(finding.expected ?? ''),
    found: lines(finding.found ?? ''),
    next: nextView(finding.next ?? ''),
  };
}

/** Tells the command in an advice from the words around it: `Free space, then run: firedrill drill`. */
export function nextView(next: string) {
  const text = line(next);
  if (text.startsWith('firedrill ')) return { given: true, before: '', command: text, after: '' };
  const parts = /^(.*\b[Rr]un: )(firedrill [^,]*?)(,.*|\.?)$/.exec(text);
  if (!parts) return { given: text !== '', before: text, command: '', after: '' };
  return { given: true, before: parts[1] ?? '', command: parts[2] ?? '', after: parts[3] ?? '' };
}
