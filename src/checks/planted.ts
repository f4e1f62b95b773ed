import { type CheckResult, Look } from '../model/check.ts';
import type { PlantedRecord } from '../model/journal.ts';

/**
 * Was the planted fault found? One that nobody noticed fails the drill itself: what it says of the backup is then worth
 * nothing. `unclear`: why the drill could not look, where that is so.
 */
export function checkPlanted(planted: PlantedRecord, unclear: string | null): CheckResult {
  const { title, service, what, caughtBy, seed } = planted;
  const look = new Look('planted', null, 'planted faults', 1).sawOne();
  look.compare(`${title} (${service})`, 'found', caughtBy === null ? 'not found' : `found by ${caughtBy}`);
  if (caughtBy !== null) return look.result();
  const next = `firedrill drill --seed ${seed}`;
  if (unclear !== null) {
    return look.couldNot({ sentence: `whether a planted fault is found was not seen: ${unclear}`, next }).result();
  }
  const sentence = `a fault was planted into a copy of ${service} and nobody noticed: ${title} (${what})`;
  return look.fail({ sentence, expected: 'a check that fails', found: 'none', next }).result();
}
