import { readFile } from 'node:fs/promises';
import type { Config, Kept, MailConfig } from '../config/config.ts';
import type { Channels, MailChannel } from '../flow/channels.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';

/** Configuration → who is told. Secrets and certificates are read here, so that what is missing is known before a drill, not after. */
export async function channelsOf(config: Config): Promise<Channels> {
  const { timeZone, reportsFolder, mail, notify } = config;
  const timeLimitMs = notify?.timeLimitMs ?? 0;
  const { webhook, pings = {}, textfile } = notify ?? {};
  return {
    ...{ timeZone, reportsFolder, textfile },
    mail: mail && (await mailChannelOf(mail)),
    webhook: webhook && {
      ...{ url: urlOf('notify.webhook.url', webhook.url), token: webhook.token?.reveal() },
      ...{ on: webhook.on, timeLimitMs },
    },
    pings: Object.fromEntries(
      Object.entries(pings).map(([job, url]) => [job, { url: urlOf(`notify.pings.${job}`, url), timeLimitMs }]),
    ),
  };
}

async function mailChannelOf(mail: MailConfig): Promise<MailChannel> {
  const { from, to, responsible, on, attachmentLimitBytes, patienceMs, smtp } = mail;
  const { host, port, tls, caFile, login, timeLimitMs } = smtp;
  const ca = caFile === undefined ? undefined : [await certificateOf(caFile)];
  return {
    ...{ from, to, responsible, on, attachmentLimitBytes, patienceMs },
    server: {
      ...{ host, port, tls, ca, timeLimitMs },
      login: login && { user: login.user, password: login.password.reveal() },
    },
  };
}

/** Secrets are what their files hold: this one must be a URL. It is not shown. */
function urlOf(path: string, kept: Kept): string {
  const url = typeof kept === 'string' ? kept : kept.reveal();
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new FiredrillError('CONFIG_INVALID', `${path}: what is kept there is no URL of http or https`);
}

async function certificateOf(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (cause) {
    throw new FiredrillError('CONFIG_INVALID', `mail.smtp.ca: ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  throw new FiredrillError('CONFIG_INVALID', `mail.smtp.ca: ${file} holds no certificate in PEM form`);
}

/** CONFIG_INVALID when there is nobody to tell: whoever asks for it would wait for nothing. */
export function requireSomebody({ mail, notify }: Config): void {
  if (mail || notify) return;
  throw new FiredrillError('CONFIG_INVALID', 'there is nobody to tell: the configuration has neither mail nor notify', {
    hint: 'Add mail or notify to the configuration, or leave --notify out.',
  });
}

/** CONFIG_INVALID when no mail is configured. */
export function requireMail({ mail }: Config): MailConfig {
  if (mail) return mail;
  throw new FiredrillError('CONFIG_INVALID', 'the configuration has no mail', {
    hint: 'Add mail to the configuration: docs/configuration.md',
  });
}
