import { count } from '../../kit/text.ts';
import type { ExcursionRecord, Journal } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { outcomes, outcomeView } from './outcome.ts';
import { instant, line, nameOf } from './untrusted.ts';

const maxShown = 50;

const reasons: Record<ExcursionRecord['reason'], string> = {
  random: 'an older point, picked at random',
  longest: 'the end of the longest chain',
  'last-good': 'in search of the last good point',
};

/** Older points that were restored beside the drill's own; what went wrong first. */
export function excursionsView({ excursions, worstMs }: Journal) {
  const worstFirst = excursions.toSorted((a, b) => outcomes.indexOf(a.verdict) - outcomes.indexOf(b.verdict));
  return {
    any: excursions.length > 0,
    worst: worstMs === null ? '' : duration(worstMs),
    ...bounded(worstFirst, maxShown, excursionView),
  };
}

function excursionView({ reason, service, set, member, members, dataAt, verdict, sentence, usedMs }: ExcursionRecord) {
  return {
    ...outcomeView(verdict),
    service: nameOf(service),
    reason: reasons[reason],
    point: `${line(set)}, ${line(member)}`,
    of: `${count(members, 'member')}${dataAt === null ? '' : `, data of ${instant(dataAt)}`}`,
    sentence: line(sentence),
    took: usedMs === null ? 'did not come back' : `back after ${duration(usedMs)}`,
  };
}
