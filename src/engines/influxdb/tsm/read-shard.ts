import { Breath } from '../../../kit/breath.ts';
import { interrupted } from '../interrupted.ts';
import { firstNotBelow } from './first-not-below.ts';
import { mergeSorted } from './merge-sorted.ts';
import type { DeletedRange, Tombstones } from './tombstones.ts';
import type { IndexEntry, TsmFile } from './tsm-file.ts';

export interface ShardFile {
  tsm: TsmFile;
  tombstones: Tombstones;
}

/** What is told of one key's points, in ascending order of time; each point once, whatever files it is in. */
export interface PointSink {
  /** @param key a series, `#!~#` and a field; @param type the block type of TSM */
  beginKey(key: Buffer, type: number): void;
  /** Whether a run of points must be told one by one. */
  splits(min: bigint, max: bigint): boolean;
  /** `count` points, the first at `min` and the last at `max`. */
  run(min: bigint, max: bigint, count: number): void;
  /** Ascending, each once. */
  points(times: BigInt64Array): void;
  /** Awaited: a sink that writes may hold the reader back. */
  endKey(): Promise<void> | undefined;
}

interface Source extends IndexEntry {
  file: ShardFile;
}

/**
 * Reads all files of one shard, every block once. A point that several files hold counts once (the newest file wins, but
 * only times matter here); a tombstone deletes from its own file only. Timestamps are decoded only where blocks
 * overlap, a tombstone touches them, or the sink wants them apart. INTERRUPTED soon after `signal`.
 */
export async function readShard(files: readonly ShardFile[], sink: PointSink, signal?: AbortSignal): Promise<void> {
  const breath = new Breath(signal);
  const fileOf = new Map(files.map((file) => [file.tsm, file]));
  for await (const group of mergeSorted(files.map((file) => file.tsm))) {
    const key = Buffer.from(group[0]?.key ?? []);
    const sources = group.flatMap((tsm) => sourcesOf(tsm, fileOf.get(tsm)));
    sink.beginKey(key, group.at(-1)?.entries[0]?.type ?? 0);
    await sweep(key.toString('latin1'), sources, sink, breath);
    const held = sink.endKey();
    if (held) await held;
  }
}

function sourcesOf(tsm: TsmFile, file: ShardFile | undefined): Source[] {
  return file ? tsm.entries.map((entry) => ({ ...entry, file })) : [];
}

const none = new BigInt64Array(0);

/** From the earliest block on; what lies before the block at hand is final. */
async function sweep(key: string, sources: Source[], sink: PointSink, breath: Breath) {
  sources.sort((a, b) => (a.min < b.min ? -1 : a.min > b.min ? 1 : 0));
  let pending = none;
  for (const [i, source] of sources.entries()) {
    pending = flush(pending, source.min, sink);
    if (await breath.isLast()) throw interrupted();
    const block = await source.file.tsm.block(source);
    const deleted = deletedFrom(source, key);
    const next = sources[i + 1];
    const alone = pending.length === 0 && (next === undefined || next.min > source.max);
    if (alone && deleted.length === 0 && !sink.splits(source.min, source.max)) {
      sink.run(source.min, source.max, block.count);
    } else {
      pending = union(pending, without(block.timestamps(), deleted));
    }
  }
  if (pending.length > 0) sink.points(pending);
}

function deletedFrom({ file, min, max }: Source, key: string) {
  return (file.tombstones.get(key) ?? []).filter((range) => range.min <= max && range.max >= min);
}

function without(times: BigInt64Array<ArrayBuffer>, deleted: readonly DeletedRange[]) {
  return deleted.length === 0 ? times : times.filter((at) => !isDeleted(at, deleted));
}

/** By bisection: ranges are ascending and apart, and there may be as many as times. */
function isDeleted(at: bigint, deleted: readonly DeletedRange[]): boolean {
  let [low, high] = [0, deleted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((deleted[middle] as DeletedRange).max < at) low = middle + 1;
    else high = middle;
  }
  const range = deleted[low];
  return range !== undefined && range.min <= at;
}

function flush(pending: BigInt64Array<ArrayBuffer>, before: bigint, sink: PointSink): BigInt64Array<ArrayBuffer> {
  const n = firstNotBelow(pending, before);
  if (n > 0) sink.points(pending.subarray(0, n));
  return n === 0 ? pending : pending.slice(n);
}

function union(a: BigInt64Array, b: BigInt64Array<ArrayBuffer>): BigInt64Array<ArrayBuffer> {
  if (a.length === 0 && isAscending(b)) return b;
  const all = new BigInt64Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  all.sort();
  let n = 0;
  for (const at of all) if (n === 0 || all[n - 1] !== at) all[n++] = at;
  return all.slice(0, n);
}

function isAscending(times: BigInt64Array): boolean {
  for (let i = 1; i < times.length; i += 1) if ((times[i - 1] as bigint) >= (times[i] as bigint)) return false;
  return true;
}
