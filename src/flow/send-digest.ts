import { join } from 'node:path';
import { dateAfter, localDate } from '../kit/local-time.ts';
import { mailStateOf } from '../model/delivery.ts';
import { readDeliveries } from '../report/deliveries.ts';
import { drillFolders } from '../report/drill-folders.ts';
import { drillHistory } from '../report/drill-history.ts';
import type { DigestOrder } from '../report/mail/digest-view.ts';

/** Two weeks more than a digest shows: who was proven last. */
const historyDays = 21;
const maxDrills = 500;

/** All that the digest of the week to a day is rendered from. */
export async function digestOrderOf(
  lastDay: string,
  { reportsFolder, timeZone, responsible }: Pick<DigestOrder, 'reportsFolder' | 'timeZone' | 'responsible'>,
): Promise<DigestOrder> {
  const since = `${dateAfter(lastDay, -historyDays)}T00:00:00.000Z`;
  // A day more than any zone is ahead.
  const before = `${dateAfter(lastDay, 2)}T00:00:00.000Z`;
  const drills = await drillHistory(reportsFolder, { since, before, max: maxDrills });
  const inWeek = new Set(
    drills
      .filter(({ startedAt }) => {
        const date = localDate(startedAt, timeZone);
        return date > dateAfter(lastDay, -7) && date <= lastDay;
      })
      .map(({ id }) => id),
  );
  return {
    lastDay,
    drills,
    notMailed: await openMails(reportsFolder, (id) => inWeek.has(id)),
    timeZone,
    responsible,
    reportsFolder,
  };
}

/** Folders of drills whose newest mail was tried and not accepted for everybody, oldest first. */
export async function openMails(reportsFolder: string, among: (drill: string) => boolean): Promise<string[]> {
  const open: string[] = [];
  for (const drill of await drillFolders(reportsFolder)) {
    if (among(drill) && mailStateOf(await readDeliveries(join(reportsFolder, drill))) === 'open') open.push(drill);
  }
  return open;
}
