import { formatDuration } from '../kit/units.ts';
import { type CheckResult, Look } from '../model/check.ts';

/**
 * How much of the newest data would have been lost, had the disaster struck at `asOf`? What was written after `dataAt`
 * is gone. That the data inside does reach `dataAt` is another check's: freshness.
 */
export function measureRpo(dataAt: string, asOf: Date): number {
  return Math.max(asOf.getTime() - Date.parse(dataAt), 0);
}

/** A backup that starts on time still needs its own time: 10 % of the objective, at most 15 minutes. */
export function graceMs(objectiveMs: number): number {
  return Math.min(objectiveMs / 10, 15 * 60_000);
}

/** `largestGapMs`: the longest time without a restore point since the last drill; null when there was none to measure. */
export function checkRpo(
  service: string,
  measuredMs: number,
  objectiveMs: number,
  largestGapMs: number | null = null,
): CheckResult {
  const look = new Look('rpo', service, 'restore points', 1).sawOne();
  if (largestGapMs !== null) judgeGap(look, service, largestGapMs, objectiveMs);
  look.compare('data that would be lost', `at most ${formatDuration(objectiveMs)}`, formatDuration(measuredMs));
  if (measuredMs > objectiveMs) {
    look.fail({
      sentence: `${service}: ${formatDuration(measuredMs)} of the newest data would be lost, the objective is ${formatDuration(objectiveMs)}`,
      expected: `at most ${formatDuration(objectiveMs)}`,
      found: formatDuration(measuredMs),
      next: `firedrill backup ${service}`,
    });
  }
  return look.result();
}

function judgeGap(look: Look, service: string, gapMs: number, objectiveMs: number) {
  const allowedMs = objectiveMs + graceMs(objectiveMs);
  look.compare('longest time without a restore point', `at most ${formatDuration(allowedMs)}`, formatDuration(gapMs));
  if (gapMs <= allowedMs) return;
  look.fail({
    sentence: `${service}: since the last drill there was a time of ${formatDuration(gapMs)} without a restore point, the objective is ${formatDuration(objectiveMs)}`,
    expected: `at most ${formatDuration(allowedMs)}`,
    found: formatDuration(gapMs),
    next: 'firedrill list',
  });
}
