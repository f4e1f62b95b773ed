import { formatBytes } from '../../kit/units.ts';
import type { CheckResult } from '../../model/check.ts';
import { type IndexedService, indexedDrillOf } from '../../model/indexed-drill.ts';
import type { Journal } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { outcomeWords } from './outcome.ts';
import { instant, line, nameOf } from './untrusted.ts';

const maxServices = 50;
const maxChecks = 30;

export interface ChangeRow {
  what: string;
  before: string;
  now: string;
  /** `3.1 s more (8 %)`; empty where one of both is not known. */
  change: string;
}

/** What has changed since the drill before: times, sizes, rows, and checks that are new, gone, or end otherwise. */
export function comparisonView(newest: Journal, previous: Journal) {
  const now = servicesIn(newest);
  const before = servicesIn(previous);
  const names = [...new Set([...now.keys(), ...before.keys()])];
  const whole = rowOf('Restore time', previous.rto.usedMs, newest.rto.usedMs, duration);
  return {
    previousAt: instant(previous.drill.startedAt),
    whole: [whole],
    services: bounded(names, maxServices, (service) => ({
      service: nameOf(service),
      rows: rowsOf(before.get(service), now.get(service)),
    })),
    checks: bounded(changedChecks(previous.checks, newest.checks), maxChecks, line),
  };
}

function servicesIn(journal: Journal): Map<string, IndexedService> {
  return new Map((indexedDrillOf(journal)?.services ?? []).map((each) => [each.service, each]));
}

function rowsOf(before: IndexedService | undefined, now: IndexedService | undefined): ChangeRow[] {
  const counted = (before?.rows ?? now?.rows ?? null) !== null;
  return [
    rowOf('back after', before?.readyMs, now?.readyMs, duration),
    rowOf('size', before?.bytes, now?.bytes, sizeWords),
    ...(counted ? [rowOf('rows', before?.rows, now?.rows, wholeNumber)] : []),
  ];
}

const sizeWords = (bytes: number) => formatBytes(bytes).replace(' ', '\u00a0');
const wholeNumber = (n: number) => n.toLocaleString('en-US');

type Measured = number | null | undefined;

function rowOf(what: string, before: Measured, now: Measured, words: (n: number) => string): ChangeRow {
  const said = (value: Measured) => (value === null || value === undefined ? 'not known' : words(value));
  return { what, before: said(before), now: said(now), change: changeWords(before, now, words) };
}

export function changeWords(before: Measured, now: Measured, words: (n: number) => string): string {
  if (before === null || before === undefined || now === null || now === undefined) return '';
  if (before === now) return 'the same';
  const difference = Math.abs(now - before);
  const percent = before === 0 ? '' : ` (${percentWords(difference / before)})`;
  return `${words(difference)} ${now > before ? 'more' : 'less'}${percent}`;
}

const percentWords = (share: number) =>
  share < 0.005 ? 'less than 1\u00a0%' : `${Math.round(share * 100).toLocaleString('en-US')}\u00a0%`;

/** One sentence each. */
function changedChecks(before: readonly CheckResult[], now: readonly CheckResult[]): string[] {
  const [old, young] = [byName(before), byName(now)];
  const added = [...young.keys()].filter((name) => !old.has(name));
  const gone = [...old.keys()].filter((name) => !young.has(name));
  const changed = [...young].flatMap(([name, { outcome, findings }]) => {
    const was = old.get(name)?.outcome;
    if (was === undefined || was === outcome) return [];
    const why = outcome === 'pass' ? '' : `: ${findings[0]?.sentence ?? 'no reason was given'}`;
    return [`${name} ${outcomeWords[was].word} then, and ${outcomeWords[outcome].word} now${why}`];
  });
  return [
    ...changed,
    ...added.map((name) => `${name} is new: ${outcomeWords[young.get(name)?.outcome ?? 'not-run'].word}`),
    ...gone.map((name) => `${name} is gone: it ${outcomeWords[old.get(name)?.outcome ?? 'not-run'].word} then`),
  ];
}

/** By `rows of agama`; of the drill as a whole, by the check alone. */
function byName(checks: readonly CheckResult[]): Map<string, CheckResult> {
  return new Map(checks.map((each) => [each.service === null ? each.check : `${each.check} of ${each.service}`, each]));
}
