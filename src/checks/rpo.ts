import { formatDuration } from '../kit/units.ts';
import { type CheckResult, Look } from '../model/check.ts';

/**
 * How much of the newest data would have been lost, had the disaster struck at `asOf`? What was written after `dataAt`
 * is gone. That the data inside does reach `dataAt` is another check's: freshness.
 */
export function measureRpo(dataAt: string, asOf: Date): number {
  return Math.max(asOf.getTime() - Date.parse(dataAt), 0);
}

export function checkRpo(service: string, measuredMs: number, objectiveMs: number): CheckResult {
  const look = new Look('rpo', service, 'restore points', 1).sawOne();
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
