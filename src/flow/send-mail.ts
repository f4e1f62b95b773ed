import { randomUUID } from 'node:crypto';
import { FiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import type { OpenMail } from '../model/delivery.ts';
import { type Delivery, deliver } from '../notify/deliver.ts';
import type { Message } from '../notify/message.ts';
import type { Attempt } from '../notify/smtp.ts';
import { recordDelivery } from '../report/deliveries.ts';
import type { MailContent } from '../report/mail/mail-order.ts';
import type { MailChannel, Telling } from './channels.ts';

export interface MailedThing {
  /** The drill's id, or what else the mail is about. */
  about: string;
  /** Where its deliveries are recorded; null: nowhere, for nothing can be written there. */
  folder: string | null;
  /** Of a mail that is wanted, or was tried, and not accepted for everybody; absent: a new one, for all receivers. */
  open?: OpenMail | undefined;
  /** Renders it; `attachmentLimitBytes` in the place of the configured one. */
  render(attachmentLimitBytes: number): Promise<MailContent>;
}

export interface MailResult {
  /** Addresses. */
  accepted: string[];
  /** The server's last word. */
  reply: string;
  /** Why somebody has not got it; undefined when all have. */
  error: FiredrillError | undefined;
}

/**
 * Renders a mail, sends it, and records each try. A report that is larger than the server takes is left out, and the mail sent once
 * more. INTERRUPTED when the run is stopped.
 */
export async function sendMail(thing: MailedThing, channel: MailChannel, telling: Telling): Promise<MailResult> {
  const messageId = thing.open?.messageId ?? newMessageId(channel);
  const to = channel.to.filter(({ address }) => thing.open?.receivers.includes(address) ?? true);
  const whole = await attempt({ thing, channel, telling, messageId, to }, channel.attachmentLimitBytes);
  const tooLarge = whole.refused.filter((each) => each.tooLarge);
  if (tooLarge.length === 0) return resultOf(whole);
  telling.remark('the mail server takes no mail of that size: it is sent once more without the report');
  const addresses = tooLarge.map(({ address }) => address);
  const rest = to.filter(({ address }) => addresses.includes(address));
  const small = await attempt({ thing, channel, telling, messageId, to: rest }, 0);
  return resultOf({
    accepted: [...whole.accepted, ...small.accepted],
    refused: [...whole.refused.filter((each) => !each.tooLarge), ...small.refused],
    reply: small.reply,
  });
}

/** Letters of other languages stand in no Message-ID that every program takes. */
export function newMessageId({ from }: Pick<MailChannel, 'from'>): string {
  const domain = from.address.split('@').at(-1) ?? '';
  return `<${randomUUID()}@${/^[\w.-]+$/.test(domain) ? domain : 'firedrill.invalid'}>`;
}

interface Sending {
  thing: MailedThing;
  channel: MailChannel;
  telling: Telling;
  messageId: string;
  to: MailChannel['to'];
}

async function attempt(sending: Sending, limitBytes: number): Promise<Delivery> {
  const { thing, channel, telling, messageId, to } = sending;
  const { server, from, patienceMs } = channel;
  const { clock, signal } = telling;
  const message: Message = { ...(await thing.render(limitBytes)), from, to, messageId, date: clock.now() };
  return deliver({ server, message, patienceMs, clock, signal, tried: (tried) => record(tried, sending) });
}

async function record(attempt: Attempt, { thing, telling, messageId }: Sending): Promise<void> {
  const { accepted, refused, reply } = attempt;
  const later = refused.find(({ again }) => again);
  if (later) telling.remark(plainLine(`${later.error.message}: ${attempt.reply}`));
  if (thing.folder === null) return;
  const outcome = refused.length === 0 ? 'accepted' : accepted.length > 0 ? 'partly' : later ? 'put-off' : 'refused';
  await recordDelivery(thing.folder, {
    at: telling.clock.now().toISOString(),
    channel: 'mail',
    about: thing.about,
    outcome,
    accepted,
    refused: refused.map(({ address }) => address),
    messageId,
    reply,
  });
}

/** The first thing that went wrong, with the server's words about all receivers. */
function resultOf({ accepted, refused, reply }: Delivery): MailResult {
  const [first] = refused;
  if (!first) return { accepted, reply, error: undefined };
  const { code, message } = first.error;
  const detail = [
    ...new Set(refused.flatMap(({ error }) => error.detail)),
    `not sent to ${refused.map(({ address }) => address).join(', ')}`,
    ...(accepted.length === 0 ? [] : [`accepted for ${accepted.join(', ')}`]),
  ];
  return { accepted, reply, error: new FiredrillError(code, message, { detail, cause: first.error }) };
}
