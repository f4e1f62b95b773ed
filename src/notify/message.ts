import type { MailAddress } from '../model/mail-address.ts';

export interface InlineImage {
  /** Without angle brackets. */
  cid: string;
  filename: string;
  png: Buffer;
}

/** A mail as it is sent. */
export interface Message {
  from: MailAddress;
  to: readonly MailAddress[];
  /** One line. */
  subject: string;
  text: string;
  html: string;
  images: readonly InlineImage[];
  attachment: { filename: string; content: Buffer } | null;
  /** Somebody must act. */
  urgent: boolean;
  /** With angle brackets; the same for each try, so that a mail that arrives twice is seen to be one. */
  messageId: string;
  date: Date;
}

export interface SmtpServer {
  host: string;
  port: number;
  /** `starttls`: demanded; `implicit`: from the first byte; `opportunistic`: where it is offered. */
  tls: 'starttls' | 'implicit' | 'opportunistic' | 'none';
  /** Certificates (PEM) that are trusted beside those of the system. */
  ca: readonly string[] | undefined;
  login: { user: string; password: string } | undefined;
  /** How long it may be silent. */
  timeLimitMs: number;
}
