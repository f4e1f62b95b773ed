import { z } from 'zod';
import { FiredrillError } from '../../kit/errors.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { RestoreTarget } from '../engine.ts';
import { GtidSet } from './binlog/gtid-set.ts';

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
});

export type LogPlace = z.infer<typeof place>;
export type CapturedLog = z.infer<typeof capturedLog>;
export type IncrementPosition = z.infer<typeof incrementPosition>;

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
  const [issue] = result.error.issues;
  const sentence = `the position of ${id} is not as it must be: ${issue?.path.map(String).join('.')}: ${issue?.message}`;
  throw new FiredrillError('MANIFEST_INVALID', sentence, { cause: result.error });
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

function gapBetween(end: LogPlace, { from, logs, gtidExecuted }: IncrementPosition): string | undefined {
  if (from.binlogFile !== end.binlogFile || from.binlogPosition !== end.binlogPosition) {
    return `it begins at ${say(from)}, the other ended at ${say(end)}`;
  }
  if (!setOf(from).equals(setOf(end))) return 'it begins after other transactions';
  if (logs[0]?.file !== end.binlogFile) return `its first log is ${logs[0]?.file}, ${end.binlogFile} is needed`;
  return gapInside(from, logs, GtidSet.parse(gtidExecuted));
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
  return incrementPositionOf(manifest).logs.some((log) => GtidSet.parse(log.gtids).contains(wanted));
}

export const setOf = ({ gtidExecuted }: LogPlace) => GtidSet.parse(gtidExecuted);

const say = ({ binlogFile, binlogPosition }: LogPlace) => `${binlogFile ?? 'no log'}:${binlogPosition ?? ''}`;
