import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../kit/json.ts';
import type { Signature } from '../kit/signature.ts';

/**
 * The ledger of journals: a line for each, in canonical JSON, that names the hash of the line before. Pure. Whoever keeps
 * the hash of one line elsewhere can tell later whether anything up to that line was changed.
 */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const receiptSchema = z.strictObject({
  format: z.literal('firedrill-receipt'),
  version: z.literal(1),
  /** From 1, without a gap. */
  number: z.int().min(1),
  /** The folder of the journal under reports/. */
  drill: z.string().max(200),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  startedAt: z.iso.datetime(),
  /** Of the file journal.json, byte for byte. */
  journalSha256: sha256,
  /** SHA-256 of the line before, without its line break; null in the first. */
  previous: sha256.nullable(),
  /** The run that made the journal did not come to its receipt: a later one gave it. */
  adopted: z.boolean(),
  /** null where the machine has no key for it (`keys.ledger`). */
  signature: z
    .strictObject({
      algorithm: z.literal('ed25519'),
      keyId: z.string().regex(/^[0-9a-f]{16}$/),
      value: z.base64(),
    })
    .nullable(),
});

export type Receipt = z.infer<typeof receiptSchema>;
export type ReceiptBody = Omit<Receipt, 'signature'>;

/** What a receipt says of its journal. */
export type ReceivedJournal = Pick<Receipt, 'drill' | 'verdict' | 'startedAt' | 'journalSha256' | 'adopted'>;

/** The receipt that follows these lines. */
export function nextReceipt(lines: readonly string[], journal: ReceivedJournal): ReceiptBody {
  const { drill, verdict, startedAt, journalSha256, adopted } = journal;
  return {
    format: 'firedrill-receipt',
    version: 1,
    number: lines.length + 1,
    ...{ drill, verdict, startedAt, journalSha256, adopted },
    previous: headOf(lines),
  };
}

export function receiptLine(body: ReceiptBody, signature: Signature | null): string {
  return canonicalJson({ ...body, signature });
}

export function parseReceipt(line: string): Receipt | undefined {
  try {
    const receipt = receiptSchema.parse(JSON.parse(line));
    // One text for one receipt: what only looks alike has another hash.
    return canonicalJson(receipt) === line ? receipt : undefined;
  } catch {
    return undefined;
  }
}

/** The hash of the newest line: it stands for all of them. null for none. */
export function headOf(lines: readonly string[]): string | null {
  const last = lines.at(-1);
  return last === undefined ? null : hashOf(last);
}

const hashOf = (line: string) => createHash('sha256').update(line).digest('hex');

/** What lies in a reports' folder. */
export interface LedgerEvidence {
  lines: readonly string[];
  /** Whether something follows the last whole line. */
  isCut: boolean;
  /** The journals that are there: folder → SHA-256; null for one that cannot be read. */
  journals: ReadonlyMap<string, string | null>;
  /** Why a receipt's signature is not good; undefined when it is. */
  faultOf(body: ReceiptBody, signature: Signature): string | undefined;
  /** The hash of a line that was kept elsewhere. */
  pinned?: string | undefined;
}

/**
 * All that is wrong, one sentence each: every receipt follows the one before and has its journal, unchanged; every journal
 * has its receipt. A tail that was cut off together with its journals shows only by a hash that was kept elsewhere.
 */
export function ledgerProblems(evidence: LedgerEvidence): string[] {
  const receipts = evidence.lines.map(parseReceipt);
  return [
    ...receipts.flatMap((receipt, i) => problemsOfLine(receipt, i, receipts, evidence)),
    ...(evidence.isCut ? [`the last line of the ledger is not whole; the next drill mends that`] : []),
    ...problemsOfJournals(receipts, evidence),
    ...problemsOfPin(evidence),
  ];
}

function problemsOfLine(
  receipt: Receipt | undefined,
  index: number,
  receipts: readonly (Receipt | undefined)[],
  { lines, journals, faultOf }: LedgerEvidence,
): string[] {
  if (!receipt) return [`line ${index + 1} of the ledger is no receipt`];
  const { signature, ...body } = receipt;
  const { number, drill, previous, journalSha256 } = body;
  const problems: string[] = [];
  if (number !== index + 1) problems.push(`it stands at place ${index + 1}`);
  if (previous !== headOf(lines.slice(0, index))) problems.push('it does not follow the receipt before it');
  if (receipts.findIndex((each) => each?.drill === drill) < index) problems.push(`${drill} has a receipt already`);
  const fault = signature ? faultOf(body, signature) : undefined;
  if (fault !== undefined) problems.push(fault);
  if (!signature && receipts.slice(0, index).some((each) => each?.signature)) {
    problems.push('it is not signed, and receipts before it are');
  }
  const found = journals.get(drill);
  if (found === undefined) problems.push('its journal is not there');
  else if (found === null) problems.push('its journal cannot be read');
  else if (found !== journalSha256) problems.push('its journal was changed');
  return problems.map((problem) => `receipt ${number} of ${drill}: ${problem}`);
}

function problemsOfJournals(receipts: readonly (Receipt | undefined)[], { journals }: LedgerEvidence): string[] {
  const received = new Set(receipts.map((each) => each?.drill));
  return [...journals.keys()]
    .filter((drill) => !received.has(drill))
    .map((drill) => `the journal of ${drill} has no receipt`);
}

function problemsOfPin({ lines, pinned }: LedgerEvidence): string[] {
  if (pinned === undefined || lines.some((line) => hashOf(line) === pinned)) return [];
  return [`no receipt has the hash ${pinned}: the ledger was cut or changed since that was noted`];
}
