import { formatDuration } from '../../kit/units.ts';
import type { GameDayJournal } from '../../model/gameday-journal.ts';
import type { Journal } from '../../model/journal.ts';
import { journalsIn } from '../../report/history.ts';

export interface NoticedRestore {
  record: GameDayJournal['restores'][number];
  beganAgoMs: number;
  endedAgoMs: number;
  /** What came of it. */
  sentence: string;
}

/** Real restores whose reports lie in a folder, the oldest first: those since the disaster that are not known yet. */
export async function noticeRestores(
  reportsFolder: string,
  { known, since, now }: { known: readonly string[]; since: Date; now: Date },
): Promise<NoticedRestore[]> {
  const found: NoticedRestore[] = [];
  for await (const journal of journalsIn(reportsFolder)) {
    if (known.includes(journal.drill.id) || Date.parse(journal.drill.startedAt) < since.getTime()) continue;
    const noticed = noticedOf(journal, now);
    if (noticed) found.push(noticed);
  }
  return found.reverse();
}

function noticedOf(journal: Journal, now: Date): NoticedRestore | undefined {
  const { restore, drill, verdict, rto } = journal;
  if (!restore) return undefined;
  const service = drill.services.join(', ');
  const ago = (instant: string) => Math.max(0, now.getTime() - Date.parse(instant));
  const parts = restore.parts ? ` (${restore.parts.join(', ')})` : '';
  const took = formatDuration(Date.parse(drill.finishedAt) - Date.parse(drill.startedAt));
  return {
    record: { id: drill.id, service, outcome: restore.outcome, verdict: verdict.verdict, usedMs: rto.usedMs },
    ...{ beganAgoMs: ago(drill.startedAt), endedAgoMs: ago(drill.finishedAt) },
    sentence: `restore of ${service}${parts}: ${restore.outcome}, after ${took}`,
  };
}
