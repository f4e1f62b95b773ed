import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import type { Journal } from '../model/journal.ts';
import { type PingEvent, ping } from '../notify/pings.ts';
import { writeTextfile } from '../notify/textfile.ts';
import { callWebhook, type WebhookEvent } from '../notify/webhook.ts';
import { recordDelivery } from '../report/deliveries.ts';
import { drillHistory } from '../report/drill-history.ts';
import { firstSentence } from '../report/mail/first-sentence.ts';
import { renderFault } from '../report/mail/render-fault.ts';
import { subjectOf } from '../report/mail/subject.ts';
import { StateMetrics } from '../report/render-state-metrics.ts';
import type { Channels, JobKind, Telling } from './channels.ts';
import { mailDrill, mailOrderOf, type WrittenDrill, wantedMail } from './mail-drill.ts';
import { type MailResult, sendMail } from './send-mail.ts';

/** Says that a job begins. A ping that does not arrive is a remark. */
export function announceStart(job: JobKind, telling: Telling): Promise<void> {
  return pingAbout(job, 'start', '', telling);
}

/** Says that a job other than a drill has ended; `problem` is why it did not go well. */
export async function announceEnd(job: JobKind, text: string, problem: string | undefined, telling: Telling) {
  if (problem === undefined) {
    await pingAbout(job, 'success', text, telling);
    return [];
  }
  const event: WebhookEvent = { event: 'job-broken', job, text: `firedrill ${job}: ${problem}` };
  const [untold] = await Promise.all([tellWebhook(event, null, telling), pingAbout(job, 'fail', problem, telling)]);
  return untold;
}

/** Says that a job was stopped before its end, to the observer alone: that is no failure of it, and whoever stopped it knows. */
export function announceStopped(job: JobKind, sentence: string, telling: Telling): Promise<void> {
  return pingAbout(job, 'log', sentence, telling);
}

/**
 * Tells everybody of a drill: the observer and the webhook at once, and by mail. Returns what could not be told, each a fault of its
 * own: the verdict stays what it is. A mail that is refused is told to the webhook. INTERRUPTED when the run is stopped.
 */
export async function announceDrill(drill: WrittenDrill, telling: Telling): Promise<FiredrillError[]> {
  const { channels } = telling;
  const { journal, folder } = drill;
  const order = await mailOrderOf(drill, channels.mail ?? unread, channels);
  const [subject, sentence] = [subjectOf(order), firstSentence(order)];
  const isGood = journal.verdict.verdict === 'pass';
  const text = `${subject}\n${sentence}\n`;
  const about = folder === null ? null : { about: journal.drill.id, folder };
  const event: WebhookEvent = { event: 'drill', text: `${subject}\n${sentence}`, ...factsOf(journal) };
  const wanted = channels.webhook?.on === 'always' || !isGood;
  const [, untold, mailed] = await Promise.allSettled([
    pingAbout('drill', isGood ? 'success' : 'fail', text, telling),
    wanted ? tellWebhook(event, about, telling) : [],
    mailWanted(journal, telling) ? mailOf(drill, telling) : undefined,
  ]);
  const told = untold.status === 'fulfilled' ? untold.value : [faultOf(untold.reason)];
  const mailFault = mailed.status === 'fulfilled' ? mailed.value?.error : faultOf(mailed.reason);
  const ofMail = mailFault ? [mailFault, ...(await tellOfMail(mailFault, journal.drill.id, about, telling))] : [];
  return [...told, ...ofMail, ...(await writeMetrics(channels))];
}

/** Tells everybody of a drill that left no journal, so that silence is not all that is heard. Mail and webhook as for a failure. */
export async function announceBroken(error: FiredrillError, host: string, telling: Telling): Promise<FiredrillError[]> {
  const { channels, clock } = telling;
  const sentence = `no drill could be made: ${error.message}`;
  const event: WebhookEvent = { event: 'job-broken', job: 'drill', code: error.code, text: `firedrill: ${sentence}` };
  const pinged = pingAbout('drill', 'fail', `${error.code}: ${plainLine(error.message)}`, telling);
  const untold = await tellWebhook(event, null, telling);
  const mail = channels.mail;
  const [last] = mail ? await drillHistory(channels.reportsFolder, { max: 1 }).catch(() => []) : [];
  const facts = { error, host, timeZone: channels.timeZone, at: clock.now().toISOString(), last };
  const render = async () => renderFault({ ...facts, responsible: mail?.responsible ?? '' });
  const mailed = mail && (await sendMail({ about: 'no drill', folder: null, render }, mail, telling));
  await pinged;
  if (!mailed?.error) return untold;
  return [...untold, mailed.error, ...(await tellOfMail(mailed.error, 'no drill', null, telling))];
}

/** Last, so that what became of the mail is in them. */
async function writeMetrics({ textfile, reportsFolder }: Channels): Promise<FiredrillError[]> {
  if (textfile === undefined) return [];
  try {
    await writeTextfile(textfile, await new StateMetrics(reportsFolder).render());
    return [];
  } catch (error) {
    return [faultOf(error)];
  }
}

/** Where there is no mail, nobody reads these. */
const unread = { responsible: 'the administrator', attachmentLimitBytes: 0 };

function mailWanted(journal: Journal, { channels: { mail } }: Telling): boolean {
  return mail !== undefined && (mail.on === 'always' || journal.verdict.verdict !== 'pass');
}

/** What has to lie beside the journal from the start, so that a run that is killed before it has sent its mail is found out. */
export function besideJournal(journal: Journal, telling: Telling): ReadonlyMap<string, string> {
  const { channels, clock } = telling;
  return channels.mail && mailWanted(journal, telling) ? wantedMail(journal, channels.mail, clock.now()) : new Map();
}

async function mailOf(drill: WrittenDrill, telling: Telling): Promise<MailResult | undefined> {
  const { mail } = telling.channels;
  if (!mail) return undefined;
  const result = await mailDrill(drill, 'open', mail, telling);
  if (result && !result.error)
    telling.remark(plainLine(`mail accepted for ${result.accepted.join(', ')}: ${result.reply}`));
  return result;
}

/** What the mail could not say is said by the webhook, whichever drills it is called for. */
export function tellOfMail(
  error: FiredrillError,
  about: string,
  recorded: { about: string; folder: string } | null,
  telling: Telling,
): Promise<FiredrillError[]> {
  const text = `firedrill: the mail about ${about} was not accepted: ${error.message}`;
  return tellWebhook({ event: 'mail-refused', about, code: error.code, text, detail: error.detail }, recorded, telling);
}

async function tellWebhook(
  event: WebhookEvent,
  recorded: { about: string; folder: string } | null,
  { channels: { webhook }, clock, signal }: Telling,
): Promise<FiredrillError[]> {
  if (!webhook) return [];
  const fault = await callWebhook(webhook, event, signal);
  if (recorded) {
    await recordDelivery(recorded.folder, {
      ...{ at: clock.now().toISOString(), channel: 'webhook', about: recorded.about, messageId: null },
      ...{ outcome: fault ? 'refused' : 'accepted', accepted: [], refused: [], reply: fault?.message ?? event.event },
    });
  }
  return fault ? [fault] : [];
}

async function pingAbout(job: JobKind, event: PingEvent, text: string, telling: Telling): Promise<void> {
  const target = telling.channels.pings[job];
  // Not with the run's own signal: an observer should hear also of a run that was stopped.
  const problem = target && (await ping(target, event, text));
  if (problem !== undefined) telling.remark(problem);
}

/** What programs read; no names of tables, and nothing of what is in the data. */
function factsOf({ drill, verdict, rto, services, exitStatus: status }: Journal) {
  return {
    drill: {
      id: drill.id,
      name: drill.name,
      vault: drill.vault,
      startedAt: drill.startedAt,
      finishedAt: drill.finishedAt,
    },
    verdict: verdict.verdict,
    exitStatus: status,
    rto,
    services: services.map(({ service, rpo, readyMs }) => ({ service: plainLine(service), rpo, readyMs })),
  };
}

/** An order to stop, and what is a fault of firedrill, end the run; the rest is told like any other failure. */
function faultOf(error: unknown): FiredrillError {
  if (error instanceof FiredrillError && error.code !== 'INTERRUPTED') return error;
  throw error;
}

/** The exit status after telling: a bad drill stays bad, and one that went well is not all that was asked for. */
export function statusAfter(status: number, faults: readonly FiredrillError[]): number {
  return faults.length > 0 && status === exitStatus.pass ? exitStatus.notTold : status;
}
