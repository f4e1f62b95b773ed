import { basename, join } from 'node:path';
import type { Journal } from '../model/journal.ts';
import { drillHistory } from '../report/drill-history.ts';
import { receiptOf } from '../report/ledger.ts';
import type { MailContent, MailOrder } from '../report/mail/mail-order.ts';
import { renderMail } from '../report/mail/render-mail.ts';
import type { MailChannel, Telling } from './channels.ts';
import { type MailResult, sendMail } from './send-mail.ts';

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

/** Mails the report of a drill, or of a real restore, and records beside its journal what became of it. */
export async function mailDrill(drill: WrittenDrill, channel: MailChannel, telling: Telling): Promise<MailResult> {
  const order = await mailOrderOf(drill, channel, telling.channels);
  const render = (attachmentLimitBytes: number): Promise<MailContent> => renderMail({ ...order, attachmentLimitBytes });
  return sendMail({ about: drill.journal.drill.id, folder: drill.folder, render }, channel, telling);
}
