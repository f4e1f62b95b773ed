import { getCACertificates } from 'node:tls';
import { domainToASCII } from 'node:url';
import type { NodemailerError } from 'nodemailer';
import { type ErrorCode, FiredrillError, messageOf } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import type { Message, SmtpServer } from './message.ts';

/** What one try came to. Addresses are as they stand in the message. */
export interface Attempt {
  accepted: string[];
  /** The server's last word; untrusted text on one line. */
  reply: string;
  /** Of receivers that were not accepted. */
  refused: Refusal[];
}

export interface Refusal {
  address: string;
  error: FiredrillError;
  /** It may well be accepted later: the server has put it off (4xx), or was not there. */
  again: boolean;
  /** The message is larger than the server takes. */
  tooLarge: boolean;
}

/** One try to hand a message to a mail server, for some of its receivers. Never throws for what a server or the way to it does. */
export async function trySending(server: SmtpServer, message: Message, to: readonly string[]): Promise<Attempt> {
  const transport = await transportTo(server);
  try {
    const sent = await transport.sendMail(mailOf(message, to));
    const refused = refusalsOf(sent.rejectedErrors ?? [], to, server);
    const gone = refused.map(({ address }) => address);
    return { accepted: to.filter((each) => !gone.includes(each)), reply: plainLine(sent.response ?? ''), refused };
  } catch (error) {
    const each = refusalsOf((error as NodemailerError).rejectedErrors ?? [], to, server);
    const ofAll = () => to.map((address) => ({ address, ...judged(error as NodemailerError, server, 'the mail') }));
    return { accepted: [], reply: replyOf(error), refused: each.length === to.length ? each : ofAll() };
  } finally {
    transport.close();
  }
}

/** Connects, makes the connection safe and logs in, and sends nothing. Throws what a mail would have been refused for. */
export async function probe(server: SmtpServer): Promise<void> {
  const transport = await transportTo(server);
  try {
    await transport.verify();
  } catch (error) {
    throw judged(error as NodemailerError, server, 'the connection').error;
  } finally {
    transport.close();
  }
}

function refusalsOf(errors: readonly NodemailerError[], to: readonly string[], server: SmtpServer): Refusal[] {
  return errors.map((error) => {
    const sent = error.recipient ?? '';
    const address = to.find((each) => asSent(each) === asSent(sent)) ?? sent;
    return { address, ...judged(error, server, `the mail for ${plainLine(address)}`) };
  });
}

/** A domain's letters of other languages are not sent as they are written. */
function asSent(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1)).toLowerCase()}`;
}

/** The library is loaded when somebody sends: it takes 23 MB, which a drill has no use for. */
async function transportTo(server: SmtpServer) {
  const { createTransport } = await import('nodemailer');
  return createTransport(optionsOf(server));
}

function optionsOf({ host, port, tls, ca, login, timeLimitMs }: SmtpServer) {
  return {
    ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    // Also those of this machine, which a company's own mail server is often signed with.
    tls: {
      minVersion: 'TLSv1.2' as const,
      ca: [...getCACertificates('default'), ...getCACertificates('system'), ...(ca ?? [])],
    },
    ...(login ? { auth: { user: login.user, pass: login.password } } : {}),
    ...{
      connectionTimeout: timeLimitMs,
      greetingTimeout: timeLimitMs,
      socketTimeout: timeLimitMs,
      dnsTimeout: timeLimitMs,
    },
    // Nothing in a message names a file or a URL; whatever looks like one is text.
    ...{ disableFileAccess: true, disableUrlAccess: true, logger: false },
  };
}

function mailOf(message: Message, to: readonly string[]) {
  const { from, subject, text, html, images, attachment, urgent, messageId, date } = message;
  return {
    from,
    to: [...message.to],
    envelope: { from: from.address, to: [...to] },
    ...{ subject, text, html, messageId, date },
    priority: urgent ? ('high' as const) : ('normal' as const),
    // No out-of-office reply, please.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    attachments: [
      ...images.map(({ cid, filename, png }) => ({
        ...{ cid, filename, content: png, contentType: 'image/png', contentDisposition: 'inline' as const },
      })),
      ...(attachment ? [{ ...attachment, contentType: 'text/html; charset=utf-8' }] : []),
    ],
  };
}

const replyOf = (error: unknown) => plainLine((error as NodemailerError).response || messageOf(error), 300);

/** By whose fault, and whether a later try may end otherwise. */
function judged(error: NodemailerError, server: SmtpServer, what: string): Omit<Refusal, 'address'> {
  const { responseCode = 0, code, originalCode = '' } = error as NodemailerError & { originalCode?: string };
  const where = `${server.host}:${server.port}`;
  const of = (known: ErrorCode, sentence: string, again = false, tooLarge = false) => {
    const more = { detail: [replyOf(error)], cause: error };
    return { error: new FiredrillError(known, sentence, more), again, tooLarge };
  };
  if (responseCode >= 400 && responseCode < 500) return of('MAIL_REFUSED', `${where} puts ${what} off`, true);
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    return of('MAIL_DENIED', `${where} does not let ${server.login?.user ?? 'us'} log in`);
  }
  if (code === 'ETLS' || /CERT|SIGN|TLS|SSL/.test(originalCode)) {
    return of('MAIL_UNSAFE', `there is no protected connection to ${where}`);
  }
  const tooLarge = responseCode === 552 || (code === 'EMESSAGE' && /size/i.test(error.message));
  if (responseCode >= 500 || tooLarge || code === 'EENVELOPE' || code === 'EMESSAGE') {
    return of('MAIL_REFUSED', `${where} refuses ${what}`, false, tooLarge);
  }
  return of('MAIL_UNREACHABLE', `${where} cannot be reached`, true);
}
