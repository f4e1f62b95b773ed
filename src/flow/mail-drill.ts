import { basename, join } from 'node:path';
import { deliveryLine, mailStateOf, openMailOf } from '../model/delivery.ts';
import type { Journal } from '../model/journal.ts';
import { deliveriesFile, readDeliveries } from '../report/deliveries.ts';
import { drillHistory } from '../report/drill-history.ts';
import { receiptOf } from '../report/ledger.ts';
import type { MailContent, MailOrder } from '../report/mail/mail-order.ts';
import { renderMail } from '../report/mail/render-mail.ts';
import { lockMail } from '../report/mail-lock.ts';
import type { MailChannel, Telling } from './channels.ts';
import { type MailResult, newMessageId, sendMail } from './send-mail.ts';

/** As many as a chart shows, and some of other names between. */
const maxEarlier = 60;

/** A journal, and the folder that it was written to; null when that did not work. */
export interface WrittenDrill {
  journal: Journal;
  folder: string | null;
}

type Wanted = Pick<MailChannel, 'responsible' | 'attachmentLimitBytes'>;

/** All that the mail about a drill is rendered from. */
export async function mailOrderOf(
  { journal, folder }: WrittenDrill,
  { responsible, attachmentLimitBytes }: Wanted,
  { reportsFolder, timeZone }: { reportsFolder: string; timeZone: string },
): Promise<MailOrder> {
  return {
    ...{ journal, timeZone, responsible, attachmentLimitBytes },
    earlier: await drillHistory(reportsFolder, { before: journal.drill.startedAt, max: maxEarlier }),
    reportPath: folder && join(folder, 'report.html'),
    receipt: folder === null ? null : await receiptOf(reportsFolder, basename(folder)),
  };
}

/** The first record of a drill whose mail is wanted: it lies beside the journal from the start, so that no mail is forgotten. */
export function wantedMail(journal: Journal, channel: MailChannel, now: Date): ReadonlyMap<string, string> {
  const record = deliveryLine({
    ...{ at: now.toISOString(), channel: 'mail', about: journal.drill.id, outcome: 'wanted', accepted: [] },
    refused: channel.to.map(({ address }) => address),
    ...{ messageId: newMessageId(channel), reply: '' },
  });
  return new Map([[deliveriesFile, `${record}\n`]]);
}

/**
 * Mails the report of a drill, or of a real restore, and records beside its journal what became of it. `which`: `anew`, for
 * all receivers; `open`, for those who have not got it yet. undefined when there are none. LOCKED while another run sends.
 */
export async function mailDrill(
  drill: WrittenDrill,
  which: 'anew' | 'open',
  channel: MailChannel,
  telling: Telling,
): Promise<MailResult | undefined> {
  const { journal, folder } = drill;
  const { reportsFolder } = telling.channels;
  const order = await mailOrderOf(drill, channel, telling.channels);
  const render = (attachmentLimitBytes: number): Promise<MailContent> => renderMail({ ...order, attachmentLimitBytes });
  const thing = { about: journal.drill.id, folder, render };
  if (folder === null) return sendMail(thing, channel, telling);
  await using _lock = await lockMail(reportsFolder, 2 * channel.patienceMs + 10_000, telling.signal);
  // Read under the lock: another run may have sent it in the meantime.
  const records = await readDeliveries(folder);
  if (which === 'anew' || mailStateOf(records) === 'none') return await sendMail(thing, channel, telling);
  const receivers = channel.to.map(({ address }) => address);
  const open = openMailOf(records, receivers);
  return open && (await sendMail({ ...thing, open }, channel, telling));
}
