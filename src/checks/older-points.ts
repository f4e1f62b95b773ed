import { formatDuration } from '../kit/units.ts';
import { type CheckResult, Look } from '../model/check.ts';
import type { ExcursionRecord } from '../model/journal.ts';

/** Did the older points that were tried by policy come back, each within the objective of the whole? */
export function checkOlderPoints(tried: readonly ExcursionRecord[], rtoMs: number): CheckResult {
  const look = new Look('older-points', null, 'restore points', tried.length);
  for (const { service, set, member, verdict, sentence, usedMs } of tried) {
    look.sawOne();
    const point = `${set}/${service}/${member}`;
    const used = usedMs === null ? 'not restored' : formatDuration(usedMs);
    look.compare(point, `at most ${formatDuration(rtoMs)}`, used);
    const next = `firedrill verify ${service} --all`;
    if (verdict === 'fail')
      look.fail({ sentence: `${service}: the older point ${member} is not good: ${sentence}`, next });
    if (verdict === 'inconclusive') look.couldNot({ sentence: `${service}: the older point ${member}: ${sentence}` });
    if (usedMs !== null && usedMs > rtoMs) {
      look.fail({
        sentence: `${service}: the restore of ${member} took ${used}, the objective is ${formatDuration(rtoMs)}`,
        next: `firedrill backup ${service} --full`,
      });
    }
  }
  return look.result();
}
