import { formatDuration } from '../kit/units.ts';
import { type CheckResult, Look } from '../model/check.ts';

/**
 * Were all services back within the objective? `usedMs` is on a monotonic clock; a restore that took no time at all was
 * not measured, nor was one whose clock has gone back.
 */
export function checkRto(usedMs: number | null, objectiveMs: number, services: number, steppedBackMs = 0): CheckResult {
  const look = new Look('rto', null, 'services', services);
  if (usedMs === null) return look.result();
  look.sawOne(services).compare('restore time', `at most ${formatDuration(objectiveMs)}`, formatDuration(usedMs));
  if (usedMs <= 0) {
    look.couldNot({ sentence: 'the restore time was not measured: the clock says 0 s', next: 'firedrill doctor' });
  }
  if (steppedBackMs > 0) {
    const sentence = `the restore time was not measured: its clock went back by ${formatDuration(steppedBackMs)}`;
    look.couldNot({ sentence, next: 'firedrill doctor' });
  }
  if (usedMs > objectiveMs) {
    look.fail({
      sentence: `the restore took ${formatDuration(usedMs)}, the objective is ${formatDuration(objectiveMs)}`,
      expected: `at most ${formatDuration(objectiveMs)}`,
      found: formatDuration(usedMs),
      next: 'Look at the timeline for the slowest phase.',
    });
  }
  return look.result();
}
