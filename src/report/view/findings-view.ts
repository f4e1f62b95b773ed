import { type CheckResult, checkIds, checks, type Finding } from '../../model/check.ts';
import type { Journal } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { outcomes, outcomeView } from './outcome.ts';
import { line, lines } from './untrusted.ts';

const maxShown = 100;

/**
 * Failures before what could not be seen; among equals in the order of the checks' vocabulary, which follows a backup's
 * life: the earliest is most likely the cause of the others.
 */
export function findingsView({ checks: results }: Journal) {
  const bad = results.filter((each) => each.outcome === 'fail' || each.outcome === 'inconclusive').sort(worseFirst);
  const all = once(bad.flatMap((result) => result.findings.map((finding) => ({ result, finding }))));
  const uncounted = bad.reduce((sum, each) => sum + each.moreFindings, 0);
  return { total: all.length + uncounted, ...bounded(all, maxShown, findingView, uncounted) };
}

interface Found {
  result: CheckResult;
  finding: Finding;
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

function worseFirst(a: CheckResult, b: CheckResult): number {
  return (
    outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome) || checkIds.indexOf(a.check) - checkIds.indexOf(b.check)
  );
}

function findingView({ result, finding }: Found) {
  return {
    ...outcomeView(result.outcome),
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
