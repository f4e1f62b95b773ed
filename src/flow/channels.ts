import type { Clock } from '../kit/clock.ts';
import type { MailAddress } from '../model/mail-address.ts';
import type { SmtpServer } from '../notify/message.ts';
import type { PingTarget } from '../notify/pings.ts';
import type { Webhook } from '../notify/webhook.ts';

/** Jobs that an observer elsewhere can listen for. */
export type JobKind = 'drill' | 'backup' | 'sync' | 'expire';

export interface MailChannel {
  server: SmtpServer;
  from: MailAddress;
  to: readonly MailAddress[];
  responsible: string;
  on: 'always' | 'failure';
  attachmentLimitBytes: number;
  patienceMs: number;
}

/** Who is told, and where it is recorded. Secrets are resolved. */
export interface Channels {
  /** Of the people who read. */
  timeZone: string;
  reportsFolder: string;
  mail: MailChannel | undefined;
  webhook: (Webhook & { on: 'always' | 'failure' }) | undefined;
  pings: Readonly<Partial<Record<JobKind, PingTarget>>>;
  /** For node_exporter. */
  textfile: string | undefined;
}

/** What telling somebody needs. */
export interface Telling {
  channels: Channels;
  clock: Clock;
  signal: AbortSignal;
  /** Something worth knowing that is no failure, such as a mail that was put off. */
  remark(text: string): void;
}
