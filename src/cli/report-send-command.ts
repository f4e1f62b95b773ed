import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import type { MailContent } from '../report/mail/mail-order.ts';
import { channelsOf, requireMail } from './channels.ts';
import { chosenDrill } from './choose-drill.ts';
import { about } from './help.ts';
import { printError } from './output.ts';
import {
  lastDayOf,
  previewDigest,
  previewReport,
  type Sent,
  sendDigest,
  sendMissed,
  sendReport,
} from './report-send.ts';
import type { Session } from './session.ts';
import { shownPath } from './shown-path.ts';
import { tellingOf } from './telling.ts';

const sendHelp = about(
  `Sends the mail about a drill, or a real restore, to those whom mail.to names: one sentence, the times, the services, two charts,
and the full report attached. A server that puts it off, or is not there, is asked again for mail.patience; one that refuses it is
not. Each try is recorded in deliveries.jsonl beside the journal, which itself stays as it is.

With --missed it sends what no server has accepted yet, to those who lack it: for the morning after a night without a mail server, or
after a drill that was killed before it had sent its mail. With --dry-run it prints the mail as text, and with --html writes what mail programs show; nothing is sent.

It does not check: whether the mail was read, or ended among spam.`,
  [0, 'the mail server has accepted it for everybody'],
  [1, 'the journal cannot be read, or the delivery not be recorded'],
  2,
  [5, 'it was not accepted for everybody; the webhook was told, where there is one'],
  [10, 'there is no such drill'],
  [130, 'interrupted; the mail may have been sent'],
);

const digestHelp = about(
  `Sends one mail about seven days: each day's drills, and each day without one by its name, since silence is no good news. Drills of
older moments (--at) count for no day. Days are those of timeZone in the configuration.
For a weekly line in cron.

It does not drill: what it tells is what the journals in the reports' folder say.`,
  [0, 'the mail server has accepted it for everybody'],
  1,
  2,
  [5, 'it was not accepted for everybody; the webhook was told, where there is one'],
  [130, 'interrupted; the mail may have been sent'],
);

interface PreviewOptions {
  dryRun?: boolean;
  html?: string;
}

/** `report send` and `report digest`. */
export function addSending(report: Command, session: Session): void {
  report
    .command('send')
    .description("mail a drill's report (default: the newest)")
    .argument('[drill]', "a drill's id: the name of its folder")
    .option('--missed', 'all that --notify was to mail, to those who have not got it')
    .option('--dry-run', 'print the mail, and send nothing')
    .option('--html <file>', 'with --dry-run: write its HTML to this file')
    .addHelpText('after', sendHelp)
    .action((id: string | undefined, options: PreviewOptions & { missed?: boolean }) => send(id, options, session));
  report
    .command('digest')
    .description('mail the week: each day with its drills, or without')
    .option('--until <date>', 'the last of the seven days, such as 2026-11-22 (default: yesterday)')
    .option('--dry-run', 'print the mail, and send nothing')
    .option('--html <file>', 'with --dry-run: write its HTML to this file')
    .addHelpText('after', digestHelp)
    .action((options: PreviewOptions & { until?: string }) => sendWeek(options, session));
}

async function send(
  id: string | undefined,
  { missed = false, ...options }: PreviewOptions & { missed?: boolean },
  session: Session,
) {
  if (missed && (id !== undefined || options.dryRun)) {
    throw new FiredrillError('USAGE', '--missed sends all that was missed: neither a drill nor --dry-run goes with it');
  }
  assertHtml(options);
  const config = await session.configForReading();
  requireMail(config);
  if (options.dryRun) return show(await previewReport(id, config), options, session);
  const telling = tellingOf(session, await channelsOf(config));
  if (missed) return report(await sendMissed(telling), session);
  const sent = await sendReport(await chosenDrill(config.reportsFolder, id), 'anew', telling);
  report(sent ? [sent] : [], session);
}

async function sendWeek({ until, ...options }: PreviewOptions & { until?: string }, session: Session) {
  assertHtml(options);
  const config = await session.configForReading();
  requireMail(config);
  const lastDay = lastDayOf(until, config.timeZone, new Date());
  if (options.dryRun) return show(await previewDigest(lastDay, config), options, session);
  const telling = tellingOf(session, await channelsOf(config));
  report([await sendDigest(lastDay, telling)], session);
}

function assertHtml({ html, dryRun }: PreviewOptions): void {
  if (html !== undefined && !dryRun) throw new FiredrillError('USAGE', '--html goes with --dry-run');
}

async function show({ subject, text, html, images }: MailContent, { html: file }: PreviewOptions, session: Session) {
  if (file !== undefined) await writeHtml(file, html, images);
  session.show(`Subject: ${subject}\n\n${text.trimEnd()}`, { subject, text, html: file ?? null });
}

/** The images stand in the file itself: a browser finds none in a mail. */
async function writeHtml(file: string, html: string, images: MailContent['images']): Promise<void> {
  const shown = images.reduce(
    (page, { cid, png }) => page.replaceAll(`"cid:${cid}"`, `"data:image/png;base64,${png.toString('base64')}"`),
    html,
  );
  try {
    await writeFile(file, shown);
  } catch (cause) {
    throw new FiredrillError('FILE_WRITE', `${shownPath(file)} cannot be written`, { cause });
  }
}

function report(sent: readonly Sent[], session: Session): void {
  const lines = sent.filter(({ result }) => !result.error).map(({ about: what, result }) => acceptedLine(what, result));
  const asJson = sent.map(({ about: what, result }) => ({
    about: what,
    ...{ accepted: result.accepted, reply: result.reply, error: result.error?.code ?? null },
  }));
  if (lines.length > 0 || session.options.json) session.show(lines.join('\n'), asJson);
  if (sent.length === 0) session.remark('nothing was missed');
  for (const { result, untold } of sent) {
    for (const error of result.error ? [result.error, ...untold] : untold) printError(error, session.options);
    if (result.error) session.status = exitStatus.notTold;
  }
}

function acceptedLine(what: string, { accepted, reply }: Sent['result']): string {
  return plainLine(`${what}: accepted for ${accepted.join(', ')}: ${reply}`);
}
