import type { DrillSummary } from '../../model/drill-summary.ts';
import type { Journal } from '../../model/journal.ts';

/** All that the mail about one drill is rendered from. */
export interface MailOrder {
  journal: Journal;
  /** Drills before it, the newest first. */
  earlier: readonly DrillSummary[];
  /** An IANA name: of the people who read the mail. */
  timeZone: string;
  /** Who must act when something is not well. */
  responsible: string;
  /** A larger report is not attached. */
  attachmentLimitBytes: number;
  /** Where the full report lies; null: it could not be written. */
  reportPath: string | null;
  /** Of the ledger, kept elsewhere by the mail: whoever changes a journal later can be found out. null: there is none. */
  receipt: { number: number; sha256: string } | null;
}

export interface MailImage {
  /** Without angle brackets. */
  cid: string;
  filename: string;
  png: Buffer;
}

/** A mail without sender, receivers and date. */
export interface MailContent {
  /** One line. */
  subject: string;
  text: string;
  html: string;
  images: MailImage[];
  attachment: { filename: string; content: Buffer } | null;
  /** Somebody must act. */
  urgent: boolean;
}
