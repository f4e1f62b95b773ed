import { exitStatus } from '../kit/errors.ts';
import { count } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import type { AskedRecord, Attempt, GameDayJournal, GameDayOutcome, TimelineEntry } from './gameday-journal.ts';
import type { ScenarioCheck } from './scenario.ts';

type Named = Pick<ScenarioCheck, 'service' | 'name'>;
const label = ({ service, name }: Named) => `${service}: ${name}`;

/** Whether something is recovered: each check that is wanted was asked, once, and all of them hold. No answer is no recovery. */
export function isRecovered(wanted: readonly Named[], asked: readonly AskedRecord[]): boolean {
  if (wanted.length === 0 || asked.length !== wanted.length) return false;
  const answered = new Map(asked.map((each) => [label(each), each.holds]));
  return answered.size === wanted.length && wanted.every((each) => answered.get(label(each)) === true);
}

/**
 * Where the minutes went, up to the claim that was verified. Those that are there add up to the total: where nobody said that
 * something was detected or decided, its time is in the next one.
 */
export function minutesOf(
  timeline: readonly TimelineEntry[],
  attempts: readonly Attempt[],
  penaltyMs: number,
): GameDayJournal['minutes'] {
  const verified = attempts.find((each) => each.recovered);
  const untilMs = verified?.claimedMs ?? Number.POSITIVE_INFINITY;
  const first = (...kinds: TimelineEntry['kind'][]) =>
    timeline.find(({ kind, atMs }) => kinds.includes(kind) && atMs >= 0 && atMs <= untilMs)?.atMs;
  const decided = least(first('decided'), first('step', 'restore-began'));
  const seen = first('detected');
  const detected = seen !== undefined && seen <= (decided ?? untilMs) ? seen : undefined;
  const fromMs = decided ?? detected ?? 0;
  return {
    detectionMs: detected ?? null,
    decisionMs: decided === undefined ? null : decided - (detected ?? 0),
    restoreMs: verified ? verified.claimedMs - fromMs : null,
    verificationMs: verified ? verified.judgedMs - verified.claimedMs : null,
    penaltyMs,
    totalMs: verified ? verified.judgedMs + penaltyMs : null,
  };
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : Math.min(a, b ?? a);
}

/** What came of it: whoever says so, recovered is only what was verified. */
export function outcomeOf(
  ended: { how: 'verified' | 'given-up' | 'aborted' | 'not-begun'; sentence: string } | undefined,
  { totalMs }: Pick<GameDayJournal['minutes'], 'totalMs'>,
  { limitMs, attempts }: { limitMs: number; attempts: readonly Attempt[] },
): GameDayJournal['outcome'] {
  if (ended?.how === 'not-begun') return { outcome: 'not-begun', sentence: ended.sentence };
  if (totalMs !== null && ended?.how !== 'aborted') return recovered(totalMs, limitMs);
  const refuted = attempts.filter((each) => !each.recovered).length;
  const claims = refuted === 0 ? '' : `; ${count(refuted, 'claim')} that it was recovered did not hold`;
  if (ended?.how === 'aborted') return { outcome: 'aborted', sentence: `${ended.sentence}${claims}` };
  return { outcome: 'not-recovered', sentence: `${ended?.sentence ?? 'it is not over yet'}${claims}` };
}

function recovered(totalMs: number, limitMs: number): GameDayJournal['outcome'] {
  const time = `after ${formatDuration(totalMs)}, of ${formatDuration(limitMs)}`;
  if (totalMs <= limitMs) return { outcome: 'recovered', sentence: `recovered and verified ${time}` };
  return { outcome: 'too-late', sentence: `recovered and verified, but too late: ${time}` };
}

const statuses: Record<GameDayOutcome, number> = {
  recovered: exitStatus.pass,
  'too-late': exitStatus.drillFailed,
  'not-recovered': exitStatus.drillFailed,
  aborted: exitStatus.interrupted,
  'not-begun': exitStatus.inconclusive,
};

export const gameDayStatus = (outcome: GameDayOutcome): number => statuses[outcome];
