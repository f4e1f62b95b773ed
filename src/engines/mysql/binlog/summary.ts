import type { Readable } from 'node:stream';
import { FiredrillError } from '../../../kit/errors.ts';
import { readPreviousGtids, readRotate, readServerVersion, readTransactionStart } from './event-content.ts';
import { type BinlogEvent, eventType, readBinlog } from './events.ts';
import { GtidSet } from './gtid-set.ts';

/** What one binary log holds, read from its own events. */
export interface BinlogSummary {
  file: string;
  bytes: number;
  serverVersion: string;
  /** All that the server had executed before this file. */
  previous: GtidSet;
  /** The transactions in this file. */
  gtids: GtidSet;
  /** Transactions with and without a GTID. */
  transactions: number;
  anonymous: number;
  /** Commit instants, microseconds since the epoch; null without a transaction. */
  firstCommitUs: number | null;
  lastCommitUs: number | null;
  /** The file that comes next, as its last event says; null when the server was stopped. */
  next: string | null;
}

/**
 * Reads a closed binary log to its end. ARTIFACT_FORMAT for damage; ARTIFACT_INCOMPLETE when its last event is no end
 * mark (Rotate or Stop): a file that was cut between two events is sound in all else.
 */
export async function summarizeBinlog(stream: Readable, file: string): Promise<BinlogSummary> {
  const summary = new SummaryGathering(file);
  for await (const event of readBinlog(stream, file)) summary.see(event);
  return summary.end();
}

/** Gathers the summary while a log is read for another purpose, event by event. */
export class SummaryGathering {
  readonly #file: string;
  readonly #gtids: [string, [number, number]][] = [];
  #first: BinlogEvent | undefined;
  #last: BinlogEvent | undefined;
  #previous = GtidSet.empty;
  #transactions = 0;
  #anonymous = 0;
  #commits: [firstUs: number, lastUs: number] | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  see(event: BinlogEvent) {
    this.#first ??= event;
    this.#last = event;
    if (event.type === eventType.previousGtids) this.#previous = readPreviousGtids(event);
    if (event.type === eventType.gtid || event.type === eventType.anonymousGtid) this.#seeTransaction(event);
    if (event.type === eventType.taggedGtid) {
      throw new FiredrillError('ARTIFACT_FORMAT', `binary log ${this.#file} has tagged GTIDs, which are not supported`);
    }
  }

  #seeTransaction(event: BinlogEvent) {
    const { gtid, committedAtUs } = readTransactionStart(event);
    this.#transactions += 1;
    this.#commits = [this.#commits?.[0] ?? committedAtUs, Math.max(committedAtUs, this.#commits?.[1] ?? 0)];
    if (gtid === null) {
      this.#anonymous += 1;
      return;
    }
    const [uuid = '', number = ''] = gtid.split(':');
    this.#addGtid(uuid, Number(number));
  }

  /** Numbers mostly follow one another: they are kept as intervals. */
  #addGtid(uuid: string, number: number) {
    const last = this.#gtids.at(-1);
    if (last?.[0] === uuid && last[1][1] + 1 === number) last[1][1] = number;
    else this.#gtids.push([uuid, [number, number]]);
  }

  end(): BinlogSummary {
    const [first, last] = [this.#first, this.#last];
    if (first?.type !== eventType.formatDescription || !last) {
      throw new FiredrillError('ARTIFACT_FORMAT', `binary log ${this.#file} does not describe its format`);
    }
    if (last.type !== eventType.rotate && last.type !== eventType.stop) {
      throw new FiredrillError('ARTIFACT_INCOMPLETE', `binary log ${this.#file} has no end mark: it was cut`);
    }
    return {
      file: this.#file,
      bytes: last.at + last.bytes,
      serverVersion: readServerVersion(first),
      previous: this.#previous,
      gtids: GtidSet.of(this.#gtids),
      transactions: this.#transactions,
      anonymous: this.#anonymous,
      firstCommitUs: this.#commits?.[0] ?? null,
      lastCommitUs: this.#commits?.[1] ?? null,
      next: last.type === eventType.rotate ? readRotate(last) : null,
    };
  }
}
