import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { tellOfMail } from '../flow/announce.ts';
import type { Channels, MailChannel, Telling } from '../flow/channels.ts';
import { mailDrill, mailOrderOf } from '../flow/mail-drill.ts';
import { digestOrderOf, openMails } from '../flow/send-digest.ts';
import { type MailResult, sendMail } from '../flow/send-mail.ts';
import { FiredrillError } from '../kit/errors.ts';
import { dateAfter, localDate } from '../kit/local-time.ts';
import { weekOf } from '../report/mail/digest-view.ts';
import type { MailContent } from '../report/mail/mail-order.ts';
import { renderDigest } from '../report/mail/render-digest.ts';
import { renderMail } from '../report/mail/render-mail.ts';
import { readJournal } from '../report/read-journal.ts';
import { requireMail } from './channels.ts';
import { chosenDrill } from './choose-drill.ts';

export interface Sent {
  about: string;
  result: MailResult;
  /** What the webhook was not told either. */
  untold: FiredrillError[];
}

/** The mail channel of channels that were made of a configuration with mail. */
function mailOfChannels({ mail }: Channels): MailChannel {
  if (!mail) throw new FiredrillError('CONFIG_INVALID', 'the configuration has no mail');
  return mail;
}

/** Mails the report of one drill, whatever mail.on says: it was asked for. undefined when nobody lacks it (`open`). */
export async function sendReport(drill: string, which: 'anew' | 'open', telling: Telling): Promise<Sent | undefined> {
  const folder = join(telling.channels.reportsFolder, drill);
  const journal = await readJournal(join(folder, 'journal.json'));
  const result = await mailDrill({ journal, folder }, which, mailOfChannels(telling.channels), telling);
  return result && withWebhook(drill, result, { about: drill, folder }, telling);
}

/** Sends what was wanted, and no mail server has accepted for everybody yet, oldest first. */
export async function sendMissed(telling: Telling): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const drill of await openMails(telling.channels.reportsFolder, () => true)) {
    const one = await sendReport(drill, 'open', telling);
    if (one) sent.push(one);
  }
  return sent;
}

/** Mails the digest of the seven days to a day. */
export async function sendDigest(lastDay: string, telling: Telling): Promise<Sent> {
  const { channels } = telling;
  const mail = mailOfChannels(channels);
  const order = await digestOrderOf(lastDay, { ...channels, responsible: mail.responsible });
  const about = `digest ${weekOf(lastDay)}`;
  const folder = channels.reportsFolder;
  const result = await sendMail({ about, folder, render: () => renderDigest(order) }, mail, telling);
  return withWebhook(about, result, { about, folder }, telling);
}

async function withWebhook(
  about: string,
  result: MailResult,
  recorded: { about: string; folder: string },
  telling: Telling,
): Promise<Sent> {
  return { about, result, untold: result.error ? await tellOfMail(result.error, about, recorded, telling) : [] };
}

/** The mail about a drill, as it would be sent; nothing is. */
export async function previewReport(id: string | undefined, config: Config): Promise<MailContent> {
  const { reportsFolder } = config;
  const folder = join(reportsFolder, await chosenDrill(reportsFolder, id));
  const journal = await readJournal(join(folder, 'journal.json'));
  return renderMail(await mailOrderOf({ journal, folder }, requireMail(config), config));
}

export async function previewDigest(lastDay: string, config: Config): Promise<MailContent> {
  return renderDigest(await digestOrderOf(lastDay, { ...config, responsible: requireMail(config).responsible }));
}

/** The last day of the week that a digest is about: one that was named, or yesterday. USAGE for what is no date. */
export function lastDayOf(text: string | undefined, timeZone: string, now: Date): string {
  if (text === undefined) return dateAfter(localDate(now.toISOString(), timeZone), -1);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T12:00:00Z`));
  if (isDate && dateAfter(text, 0) === text) return text;
  throw new FiredrillError('USAGE', `--until takes a date, such as 2026-11-22, not: ${text}`);
}
