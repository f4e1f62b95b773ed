import { formatDuration } from '../kit/units.ts';
import { type CheckResult, Look } from '../model/check.ts';

/**
 * Did the data inside reach the time of the backup? `quietMs` is how long the service may go without an event; null
 * for data that changes only when somebody edits it. Never judged by the time of a file.
 */
export function checkFreshness(
  service: string,
  newest: { at: string; basis: string } | null,
  dataAt: string,
  quietMs: number | null,
): CheckResult {
  const look = new Look('freshness', service, 'newest instants', 1);
  if (!newest) return quietMs === null ? look.sawOne().result() : look.result();
  look.sawOne();
  const lagMs = Date.parse(dataAt) - Date.parse(newest.at);
  const allowed = quietMs === null ? 'any time' : `at most ${formatDuration(quietMs)}`;
  look.compare(`newest event (${newest.basis}) before the backup`, allowed, formatDuration(Math.max(lagMs, 0)));
  if (quietMs !== null && lagMs > quietMs) {
    look.fail({
      sentence: `${service}: the newest event inside the backup (${newest.basis}, ${newest.at}) is ${formatDuration(lagMs)} older than the backup itself`,
      expected: allowed,
      found: formatDuration(lagMs),
      next: `firedrill doctor`,
    });
  }
  return look.result();
}
