import { z } from 'zod';
import { FiredrillError } from '../../kit/errors.ts';
import { firstIssue } from '../../kit/json.ts';
import { count, plainLine } from '../../kit/text.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { RestoreTarget } from '../engine.ts';
import { microsecondInstant } from './binlog/destructive.ts';
import { GtidSet } from './binlog/gtid-set.ts';
import type { BinlogSummary } from './binlog/summary.ts';

/** Where a member ends in the source's binary logs, and which logs an increment holds. Untrusted when it is read back. */

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.\d{6,10}$/);

const place = z.object({
  /** null for a server that writes no binary log. */
  binlogFile: fileName.nullable(),
  binlogPosition: z.int().min(4).nullable(),
  /** Empty where GTIDs are off. */
  gtidExecuted: z.string(),
});

const capturedLog = z.strictObject({
  artifact: z.string(),
  file: fileName,
  bytes: z.int().min(0),
  transactions: z.int().min(0),
  /** What had been executed before this log, and what is in it. */
  previous: z.string(),
  gtids: z.string(),
  /** ISO 8601; null for a log without a transaction. */
  firstCommitAt: z.iso.datetime().nullable(),
  lastCommitAt: z.iso.datetime().nullable(),
});

const fullPosition = place.extend({
  lockMs: z.int().min(0),
  /** By how much the server's clock was ahead of the backup machine's. */
  clockAheadMs: z.int(),
});

const incrementPosition = fullPosition.extend({
  /** Where the member before ended. */
  from: place,
  /** Whole logs, oldest first; the first one may begin before `from`. */
  logs: z.array(capturedLog).min(1),
  /** Distributed transactions that were begun in the logs of the chain, and have not ended. */
  openXa: z.array(z.string()).default([]),
});

export type LogPlace = z.infer<typeof place>;
export type CapturedLog = z.infer<typeof capturedLog>;
export type IncrementPosition = z.infer<typeof incrementPosition>;

export function artifactOf(file: string): string {
  return `log-${file}`;
}

/** What a manifest says of a log. */
export function describeLog(summary: BinlogSummary): CapturedLog {
  const { file, bytes, transactions, previous, gtids, firstCommitUs, lastCommitUs } = summary;
  return {
    artifact: artifactOf(file),
    file,
    bytes,
    transactions,
    previous: previous.toString(),
    gtids: gtids.toString(),
    firstCommitAt: firstCommitUs === null ? null : microsecondInstant(firstCommitUs),
    lastCommitAt: lastCommitUs === null ? null : microsecondInstant(lastCommitUs),
  };
}

export interface LogDifference {
  /** Without the service's name. */
  sentence: string;
  expected: string;
  found: string;
}

/** Whether a log that was read is the one that was captured; undefined when it is. By what is in it, whatever its hash. */
export function differenceOf(log: CapturedLog, summary: BinlogSummary): LogDifference | undefined {
  const found = describeLog({ ...summary, file: log.file });
  const [isSame, follows] = [
    sayLog(found) === sayLog(log),
    summary.next === null || summary.next === successor(log.file),
  ];
  if (isSame && follows) return undefined;
  const what = isSame
    ? `binary log ${log.file} says that ${summary.next} comes next`
    : found.transactions === log.transactions
      ? `binary log ${log.file} is another one than was captured`
      : `binary log ${log.file} holds ${count(found.transactions, 'transaction')}, ${log.transactions} were captured`;
  return { sentence: what, expected: sayLog(log), found: sayLog(found) };
}

const sayLog = ({ bytes, transactions, previous, gtids, firstCommitAt, lastCommitAt }: CapturedLog) =>
  `${bytes} bytes, ${transactions} transactions (${gtids || 'no GTIDs'}) after ${previous || 'none'}, ${firstCommitAt} to ${lastCommitAt}`;

/** `binlog.000009` → `binlog.000010`: a server numbers its logs without a gap. */
export function successor(file: string): string {
  const [, base = '', digits = ''] = /^(.*\.)(\d+)$/.exec(file) ?? [];
  return `${base}${String(Number(digits) + 1).padStart(digits.length, '0')}`;
}

/** Where a member ends; MANIFEST_INVALID when its position makes no sense. */
export function placeOf(manifest: Manifest): LogPlace {
  return judged(place, manifest);
}

export function incrementPositionOf(manifest: Manifest): IncrementPosition {
  return judged(incrementPosition, manifest);
}

function judged<T>(schema: z.ZodType<T>, { id, position }: Manifest): T {
  const result = schema.safeParse(position);
  if (result.success) return result.data;
  const why = plainLine(firstIssue(result.error) ?? '', 200);
  const sentence = `the position of ${id} is not as it must be: ${why}`;
  throw new FiredrillError('MANIFEST_INVALID', sentence, { cause: result.error });
}

/** Of a full nobody knows: what ends one of those needs a new full. */
export function openXaOf(manifest: Manifest): string[] {
  return manifest.kind === 'full' ? [] : incrementPositionOf(manifest).openXa;
}

/** Why `next` does not go on where `before` ended, by their manifests alone; undefined when it does. */
export function logDiscontinuity(before: Manifest, next: Manifest): string | undefined {
  try {
    return gapBetween(placeOf(before), incrementPositionOf(next));
  } catch (error) {
    if (error instanceof FiredrillError) return error.message;
    throw error;
  }
}

function gapBetween(end: LogPlace, { from, logs, gtidExecuted, binlogFile }: IncrementPosition): string | undefined {
  if (from.binlogFile !== end.binlogFile || from.binlogPosition !== end.binlogPosition) {
    return `it begins at ${say(from)}, the other ended at ${say(end)}`;
  }
  if (!setOf(from).equals(setOf(end))) return 'it begins after other transactions';
  if (logs[0]?.file !== end.binlogFile) return `its first log is ${logs[0]?.file}, ${end.binlogFile} is needed`;
  return gapInNames(logs, binlogFile) ?? gapInside(from, logs, GtidSet.parse(gtidExecuted));
}

/** By the numbers of the logs: with and without GTIDs. */
function gapInNames(logs: readonly CapturedLog[], opened: string | null): string | undefined {
  const files = [...logs.map(({ file }) => file), opened];
  const at = files.findIndex((file, i) => i > 0 && file !== successor(files[i - 1] ?? ''));
  return at < 0 ? undefined : `${files[at] ?? 'nothing'} comes after ${files[at - 1]} in it`;
}

/** By GTIDs, where there are any: each log begins where the one before it ended, and together they lead to the end. */
function gapInside(from: LogPlace, logs: readonly CapturedLog[], end: GtidSet): string | undefined {
  let executed = setOf(from);
  for (const [i, log] of logs.entries()) {
    const previous = GtidSet.parse(log.previous);
    // The first log may hold transactions that the member before has, too.
    const follows = i === 0 ? executed.contains(previous) : executed.equals(previous);
    if (!follows) return `${log.file} does not begin after the transactions before it`;
    executed = executed.union(GtidSet.parse(log.gtids));
  }
  const missing = end.subtract(executed);
  return missing.isEmpty ? undefined : `transactions ${missing} are in none of its logs`;
}

/** The instants in a log are by its server's clock. */
export function byServerClock(target: RestoreTarget | undefined, clockAheadMs: number): RestoreTarget | undefined {
  return target?.at === undefined ? target : { ...target, at: new Date(target.at.getTime() + clockAheadMs) };
}

/** Whether one of an increment's logs holds the transaction, by its manifest. */
export function holdsTransaction(manifest: Manifest, gtid: string): boolean {
  if (manifest.kind === 'full') return false;
  const wanted = GtidSet.parse(gtid);
  const { from, logs } = incrementPositionOf(manifest);
  // The first log may begin before the increment does: what the member before has, too, cannot be undone by this one.
  return !setOf(from).contains(wanted) && logs.some((log) => GtidSet.parse(log.gtids).contains(wanted));
}

/** Where in a log the changes of an increment begin: a full does not end its log. */
export function offsetIn({ file }: CapturedLog, from: LogPlace): number {
  return file === from.binlogFile ? (from.binlogPosition ?? 0) : 0;
}

export const setOf = ({ gtidExecuted }: LogPlace) => GtidSet.parse(gtidExecuted);

const say = ({ binlogFile, binlogPosition }: LogPlace) => `${binlogFile ?? 'no log'}:${binlogPosition ?? ''}`;
