import { formatDuration } from '../kit/units.ts';
import { type CheckResult, Look } from '../model/check.ts';

/**
 * Is the newest completed backup young enough at `asOf`? Judged by its manifest: file times can be touched. `now` is the
 * drill's own moment: a dump that began before `asOf` may have ended a little after it, but not in the future.
 */
export function checkSetAge(
  service: string,
  newestDataAt: string,
  asOf: Date,
  rpoMs: number,
  now: Date = asOf,
): CheckResult {
  const ageMs = asOf.getTime() - Date.parse(newestDataAt);
  const look = new Look('set-age', service, 'backups', 1).sawOne();
  look.compare('age of the newest backup', `at most ${formatDuration(rpoMs)}`, formatDuration(Math.max(ageMs, 0)));
  if (ageMs > rpoMs) {
    look.fail({
      sentence: `${service}: the newest backup is ${formatDuration(ageMs)} old, its objective is ${formatDuration(rpoMs)}`,
      expected: `at most ${formatDuration(rpoMs)}`,
      found: formatDuration(ageMs),
      next: `firedrill backup ${service}`,
    });
  }
  if (Date.parse(newestDataAt) > now.getTime()) {
    look.fail({
      sentence: `${service}: the newest backup says that it is from the future (${newestDataAt})`,
      expected: `not after ${now.toISOString()}`,
      found: newestDataAt,
      next: 'firedrill doctor',
    });
  }
  return look.result();
}
