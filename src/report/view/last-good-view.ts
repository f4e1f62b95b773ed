import type { Journal, LastGoodRecord } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { instant, line, nameOf } from './untrusted.ts';

const maxShown = 10;

/** What can still be done about each service that failed, in one sentence. */
export const lastGoodView = ({ lastGood }: Journal) => bounded(lastGood, maxShown, sentenceOf);

function sentenceOf({ service, good, bad }: LastGoodRecord): string {
  const name = nameOf(service);
  const since = bad === null ? '' : ` The oldest member that is known to be bad is ${line(bad)}.`;
  if (!good) return `${name}: no older backup that was tried is good.${since}`;
  const point = `${instant(good.dataAt)} (${line(good.set)}, ${line(good.member)})`;
  return `${name} can be restored to ${point}; the data of ${duration(good.lostMs)} would be lost.${since}`;
}
