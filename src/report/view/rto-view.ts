import { count } from '../../kit/text.ts';
import type { Journal } from '../../model/journal.ts';
import { duration } from './duration.ts';
import { shareView } from './share.ts';
import { line } from './untrusted.ts';

const maxNames = 5;

/** The restore time against its objective; `share` is null when it was never reached. */
export function rtoView({ rto, services }: Journal) {
  const absent = services.filter((each) => each.readyMs === null).map((each) => line(each.service));
  return {
    objective: duration(rto.objectiveMs),
    share: rto.usedMs === null ? null : shareView(rto.usedMs, rto.objectiveMs),
    absent: absentWords(absent, services.length),
  };
}

function absentWords(absent: readonly string[], services: number): string {
  if (absent.length === 0) return 'Not all services came back, so there is no restore time.';
  const more = absent.length > maxNames ? ` and ${absent.length - maxNames} more` : '';
  const names = absent.slice(0, maxNames).join(', ');
  return `${absent.length} of ${count(services, 'service')} did not come back: ${names}${more}. So there is no restore time.`;
}
