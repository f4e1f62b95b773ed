import type { Config } from '../config/config.ts';
import { FiredrillError } from '../kit/errors.ts';
import { signatureFault } from '../kit/signature.ts';
import { count, plainLine } from '../kit/text.ts';
import { headOf, ledgerProblems, parseReceipt } from '../model/ledger.ts';
import { journalHashes, readLedger } from '../report/ledger.ts';
import { readLedgerTrust } from './keys.ts';

export interface LedgerState {
  receipts: number;
  journals: number;
  /** SHA-256 of the newest receipt; null when there is none. */
  head: string | null;
  unsigned: number;
  /** Receipts that a later run gave. */
  adopted: number;
  problems: string[];
}

/** Checks the ledger against the journals; NO_SUCH_SET when there is neither. */
export async function verifyLedger(config: Config, pinned: string | undefined): Promise<LedgerState> {
  if (pinned !== undefined && !/^[0-9a-f]{64}$/.test(pinned)) {
    throw new FiredrillError('USAGE', `--head takes the 64 hex digits of a receipt's hash, not: ${pinned}`);
  }
  const trusted = await readLedgerTrust(config);
  // The journals first: one that is written in between has its receipt by the time the ledger is read.
  const journals = await journalHashes(config.reportsFolder);
  const { lines, isCut } = await readLedger(config.reportsFolder);
  if (lines.length === 0 && journals.size === 0 && !isCut && pinned === undefined) {
    const sentence = `there is no receipt and no journal in ${config.reportsFolder} yet`;
    throw new FiredrillError('NO_SUCH_SET', sentence, { hint: 'Run: firedrill drill' });
  }
  const receipts = lines.flatMap((line) => parseReceipt(line) ?? []);
  const faultOf: Parameters<typeof ledgerProblems>[0]['faultOf'] = (body, signature) =>
    signatureFault(body, signature, trusted);
  return {
    receipts: lines.length,
    journals: journals.size,
    head: headOf(lines),
    unsigned: receipts.filter((each) => each.signature === null).length,
    adopted: receipts.filter((each) => each.adopted).length,
    problems: ledgerProblems({ lines, isCut, journals, faultOf, pinned }),
  };
}

/** For the terminal. */
export function ledgerLines({ receipts, journals, head, unsigned, adopted, problems }: LedgerState): string[] {
  const remarks = [
    ...(unsigned === 0 ? [] : [`${unsigned} not signed`]),
    ...(adopted === 0 ? [] : [`${adopted} given by a later run than their journal's`]),
  ];
  const verdict = problems.length === 0 ? 'whole' : 'NOT WHOLE';
  return [
    ...problems.map((problem) => plainLine(problem)),
    `ledger: ${[`${count(receipts, 'receipt')}, ${count(journals, 'journal')}: ${verdict}`, ...remarks].join('; ')}`,
    ...(head === null ? [] : [`head: ${head}`]),
  ];
}
