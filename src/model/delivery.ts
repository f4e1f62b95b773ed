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
  /** `partly`: by some receivers; `put-off`: may be tried again; `refused`: for good. */
  outcome: z.enum(['accepted', 'partly', 'put-off', 'refused']),
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

/** `none`: no mail was tried; `open`: tried, and not all receivers have got it; `accepted`: by the server, for all of them. */
export type MailState = 'none' | 'open' | 'accepted';

/** Of the newest mail that was tried. Records in the order of time. */
export function mailStateOf(records: readonly DeliveryRecord[]): MailState {
  const mails = records.filter(({ channel }) => channel === 'mail');
  const own = mails.filter(({ messageId }) => messageId === mails.at(-1)?.messageId);
  if (own.length === 0) return 'none';
  // Each receiver counts by the last try that was made for them.
  const last = new Map<string, boolean>();
  for (const { accepted, refused } of own) {
    for (const each of refused) last.set(each, false);
    for (const each of accepted) last.set(each, true);
  }
  return last.size > 0 && [...last.values()].every(Boolean) ? 'accepted' : 'open';
}
