import { z } from 'zod';
import { canonicalJson } from '../kit/json.ts';

/**
 * What became of telling somebody: a line of canonical JSON for each try, in deliveries.jsonl beside a drill's journal. Not in the
 * journal itself: that is sealed by its receipt before anything is sent. Pure.
 */
const deliverySchema = z.object({
  format: z.literal('firedrill-delivery'),
  version: z.literal(1),
  at: z.iso.datetime(),
  channel: z.enum(['mail', 'webhook']),
  /** The drill's id, or what else it was about, such as `digest 2026-11-16/2026-11-22`. */
  about: z.string().max(200),
  /**
   * `wanted`: it is going to be sent, and nothing was tried yet; `partly`: by some receivers; `put-off`: may be tried again;
   * `refused`: for good.
   */
  outcome: z.enum(['wanted', 'accepted', 'partly', 'put-off', 'refused']),
  /** Who has got it by this try. */
  accepted: z.array(z.string()),
  /** Who has not. */
  refused: z.array(z.string()),
  /** Of the mail. */
  messageId: z.string().nullable(),
  /** The server's own words; untrusted. */
  reply: z.string(),
});

export type DeliveryRecord = z.infer<typeof deliverySchema>;

export function deliveryLine(record: Omit<DeliveryRecord, 'format' | 'version'>): string {
  return canonicalJson({ format: 'firedrill-delivery', version: 1, ...record });
}

export function parseDelivery(line: string): DeliveryRecord | undefined {
  try {
    return deliverySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** `none`: no mail was wanted; `open`: not all receivers have got it; `accepted`: by the server, for all of them. */
export type MailState = 'none' | 'open' | 'accepted';

/** Of the newest mail. Records in the order of time. */
export function mailStateOf(records: readonly DeliveryRecord[]): MailState {
  const own = newestMail(records);
  if (own.length === 0) return 'none';
  // Each receiver counts by the last try that was made for them.
  const last = new Map<string, boolean>();
  for (const { accepted, refused } of own) {
    for (const each of refused) last.set(each, false);
    for (const each of accepted) last.set(each, true);
  }
  return last.size > 0 && [...last.values()].every(Boolean) ? 'accepted' : 'open';
}

function newestMail(records: readonly DeliveryRecord[]): DeliveryRecord[] {
  const mails = records.filter(({ channel }) => channel === 'mail');
  return mails.filter(({ messageId }) => messageId === mails.at(-1)?.messageId);
}

export interface OpenMail {
  /** Addresses. */
  receivers: string[];
  /** null: it goes to others than before, and is another mail. */
  messageId: string | null;
}

/** Who has not got the newest mail yet, of those who are to get it now; undefined when there is no such mail, or nobody. */
export function openMailOf(records: readonly DeliveryRecord[], receivers: readonly string[]): OpenMail | undefined {
  const own = newestMail(records);
  const has = new Set(own.flatMap(({ accepted }) => accepted));
  const lacking = receivers.filter((each) => !has.has(each));
  if (own.length === 0 || lacking.length === 0) return undefined;
  const meant = new Set(own.flatMap(({ accepted, refused }) => [...accepted, ...refused]));
  const isSame = lacking.every((each) => meant.has(each));
  return { receivers: lacking, messageId: isSame ? (own[0]?.messageId ?? null) : null };
}
