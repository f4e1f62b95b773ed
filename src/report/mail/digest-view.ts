import { dateAfter, localClock, localDate, localDay, localMoment } from '../../kit/local-time.ts';
import { count, plainLine } from '../../kit/text.ts';
import type { DrillSummary } from '../../model/drill-summary.ts';
import type { VerdictWord } from '../../model/journal.ts';
import { bounded } from '../view/bounded.ts';
import { duration } from '../view/duration.ts';
import { line, nameOf } from '../view/untrusted.ts';
import { kindOf, outcomeCell } from './mail-view.ts';
import { tight } from './subject.ts';

const days = 7;
const maxDrillsOfDay = 8;
const maxServices = 20;

export interface DigestOrder {
  /** The last of the seven days, such as `2026-11-22`, where the people who read are. */
  lastDay: string;
  /** Newest first; also from before the week. */
  drills: readonly DrillSummary[];
  /** Drills of the week whose mail no server has accepted. */
  notMailed: readonly string[];
  timeZone: string;
  responsible: string;
  /** Where the reports lie. */
  reportsFolder: string;
}

/** `2026-11-16/2026-11-22`. */
export const weekOf = (lastDay: string) => `${dateAfter(lastDay, 1 - days)}/${lastDay}`;

/** What the week's drills of the newest backups say; those of older moments prove nothing of a day. */
export interface Week {
  /** Oldest first, seven. */
  days: { date: string; drills: DrillSummary[] }[];
  /** Oldest first. */
  drills: DrillSummary[];
  /** Dates without a drill. */
  silent: string[];
}

export function weekFrom({ lastDay, drills, timeZone }: DigestOrder): Week {
  const dates = Array.from({ length: days }, (_, i) => dateAfter(lastDay, i + 1 - days));
  const own = drills.filter(({ ofNewestPoint }) => ofNewestPoint).toReversed();
  const byDate = Map.groupBy(own, ({ startedAt }) => localDate(startedAt, timeZone));
  const all = dates.map((date) => ({ date, drills: byDate.get(date) ?? [] }));
  return {
    days: all,
    drills: all.flatMap((each) => each.drills),
    silent: all.filter((each) => each.drills.length === 0).map(({ date }) => date),
  };
}

/** All that the digest shows, as plain text. */
export function digestView(order: DigestOrder) {
  const week = weekFrom(order);
  const kind = kindOfWeek(week);
  const { timeZone, lastDay } = order;
  return {
    subject: subjectOf(week, order),
    ...kindOf(kind),
    ...{
      pass: { word: 'GOOD WEEK', sign: '✓' },
      fail: { word: 'NOT A GOOD WEEK', sign: '✕' },
      inconclusive: { word: 'NOT ALL KNOWN', sign: '?' },
    }[kind],
    about: `${localDay(dateAfter(lastDay, 1 - days), lastDay)} to ${localDay(lastDay, lastDay)} ${lastDay.slice(0, 4)} (${timeZone})`,
    sentence: sentenceOf(week, kind, order),
    tiles: tilesOf(week),
    days: week.days.map((each) => dayView(each, order)),
    services: bounded(lastProofs(order), maxServices, (each) => proofView(each, order)),
    remarks: remarksOf(week, order),
    foot: [`The reports lie in ${line(order.reportsFolder)}. Days and times are those of ${timeZone}.`],
  };
}

function kindOfWeek({ silent, drills }: Week): VerdictWord {
  if (silent.length > 0 || drills.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return drills.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'inconclusive';
}

function subjectOf(week: Week, { lastDay }: DigestOrder): string {
  const slowest = slowestOf(week);
  const parts = [
    `WEEK to ${localDay(lastDay, lastDay)}: ${days - week.silent.length}/${days} days drilled`,
    verdictCounts(week),
    ...(slowest ? [`slowest ${tight(slowest.usedMs)} of ${tight(slowest.objectiveMs)}`] : []),
    ...(week.silent.length > 0 ? [`no drill on ${daysOf(week.silent)}`] : []),
  ];
  return plainLine(parts.join(' · '), 200);
}

function verdictCounts({ drills }: Week): string {
  const words: readonly VerdictWord[] = ['pass', 'fail', 'inconclusive'];
  const counts = words.map((word) => [drills.filter(({ verdict }) => verdict === word).length, word] as const);
  return counts.flatMap(([n, word]) => (n > 0 ? [`${n} ${word}`] : [])).join(', ') || 'no verdict';
}

/** Above three only how many: a subject is short. */
function daysOf(dates: readonly string[]): string {
  return dates.length > 3 ? count(dates.length, 'day') : dates.map((date) => localDay(date, date)).join(', ');
}

function slowestOf({ drills }: Week) {
  const timed = drills.flatMap(({ rto: { usedMs, objectiveMs } }) =>
    usedMs === null ? [] : [{ usedMs, objectiveMs }],
  );
  return timed.toSorted((a, b) => b.usedMs - a.usedMs)[0];
}

function sentenceOf(week: Week, kind: VerdictWord, { timeZone, responsible }: DigestOrder): string {
  const slowest = slowestOf(week);
  if (kind === 'pass') {
    const time = slowest
      ? `; the slowest restore took ${duration(slowest.usedMs)} of the ${duration(slowest.objectiveMs)} that are allowed`
      : '';
    return `A good week: a drill passed on each of the seven days${time}.`;
  }
  const bad = week.drills.filter(({ verdict }) => verdict !== 'pass');
  const when = ({ startedAt }: DrillSummary) =>
    localDay(localDate(startedAt, timeZone), localDate(startedAt, timeZone));
  const what = [
    ...(week.silent.length > 0
      ? [`there was no drill on ${week.silent.map((date) => localDay(date, date)).join(', ')}`]
      : []),
    ...(bad.length > 0
      ? [`${count(bad.length, 'drill')} did not pass (${[...new Set(bad.map(when))].join(', ')})`]
      : []),
  ];
  const newest = week.drills.at(-1);
  const now = newest ? `the newest drill, of ${when(newest)}, ended with ${newest.verdict}` : 'nothing was proven';
  return `Not a good week: ${what.join('; ')}; ${now}; ${plainLine(responsible, 100)} must look into it.`;
}

function tilesOf(week: Week) {
  const slowest = slowestOf(week);
  const planted = week.drills.filter(({ plantedCaught }) => plantedCaught !== null);
  const found = planted.filter(({ plantedCaught }) => plantedCaught === true);
  return [
    { label: 'Days with a drill', value: `${days - week.silent.length}`, of: `of ${days}` },
    {
      label: 'Slowest restore',
      value: slowest ? duration(slowest.usedMs) : 'not known',
      of: slowest ? `of ${duration(slowest.objectiveMs)}` : '',
    },
    {
      label: 'Planted faults found',
      value: planted.length === 0 ? 'none planted' : `${found.length}`,
      of: planted.length === 0 ? '' : `of ${planted.length}`,
    },
  ];
}

function dayView({ date, drills }: Week['days'][number], { timeZone, lastDay }: DigestOrder) {
  const day = localDay(date, lastDay);
  if (drills.length === 0) {
    return { rows: [{ day, drill: '–', ...outcomeCell('fail'), word: 'no drill', used: '–' }], leftOut: 0 };
  }
  const shown = drills.slice(-maxDrillsOfDay);
  const rows = shown.map(({ startedAt, name, verdict, rto }) => ({
    day: `${day}, ${localClock(startedAt, timeZone)}`,
    drill: nameOf(name),
    ...outcomeCell(verdict),
    used: rto.usedMs === null ? 'not all back' : duration(rto.usedMs),
  }));
  return { rows, leftOut: drills.length - shown.length };
}

interface Proof {
  service: string;
  /** Of the newest drill of it. */
  outcome: VerdictWord;
  provenUntil: string | null;
}

/** Of each service that was drilled up to the end of the week. */
function lastProofs({ drills, lastDay, timeZone }: DigestOrder): Proof[] {
  const proofs = new Map<string, Proof>();
  const known = drills.filter((each) => each.ofNewestPoint && localDate(each.startedAt, timeZone) <= lastDay);
  for (const { services } of known) {
    for (const { service, outcome, dataAt } of services) {
      const proof = proofs.get(service) ?? { service, outcome, provenUntil: null };
      if (outcome === 'pass') proof.provenUntil ??= dataAt;
      proofs.set(service, proof);
    }
  }
  return [...proofs.values()];
}

function proofView({ service, outcome, provenUntil }: Proof, { timeZone, lastDay }: DigestOrder) {
  const until = provenUntil === null ? 'never proven' : localMoment(provenUntil, timeZone, `${lastDay}T12:00:00Z`);
  return { name: nameOf(service), ...outcomeCell(outcome), until };
}

function remarksOf(week: Week, { notMailed }: DigestOrder): string[] {
  const leftOut = week.days.reduce((sum, { drills }) => sum + Math.max(drills.length - maxDrillsOfDay, 0), 0);
  return [
    ...(notMailed.length > 0
      ? [
          `The mail about ${count(notMailed.length, 'drill')} was not accepted for everybody: ${line(notMailed.join(', '))}.`,
        ]
      : []),
    ...(leftOut > 0
      ? [`${count(leftOut, 'further drill')} of these days ${leftOut === 1 ? 'is' : 'are'} not shown here.`]
      : []),
  ];
}
