import { join } from 'node:path';
import { FiredrillError } from '../../kit/errors.ts';
import { type Facts, heartbeatMeasurement, type MeasurementFacts } from './facts.ts';
import { FieldTally } from './field-tally.ts';
import { HourTally } from './hours.ts';
import { dayOf, hourOf, instantOf, nsPerDay, nsPerHour } from './instants.ts';
import { firstNotBelow } from './tsm/first-not-below.ts';
import { KeyRun, KeyRunCursor } from './tsm/key-run.ts';
import { mergeSorted } from './tsm/merge-sorted.ts';
import type { PointSink } from './tsm/read-shard.ts';
import { parseSeriesKey } from './tsm/series-key.ts';

/** Block types of TSM, as SHOW FIELD KEYS names them. */
const typeNames = ['float', 'integer', 'boolean', 'string', 'unsigned'];

/** Types that the server counts as one when a field had several: numbers are cast, all others stand apart. */
const kindOf = (type: number) => (type === 1 || type === 4 ? 0 : type);

/** Fields, their days and tag keys in all: more would not fit into a manifest, and a block of 20 bytes can claim thousands. */
const mostCells = 4_000_000;

interface MeasurementTally {
  tagKeys: Set<string>;
  hours: HourTally;
  /** By kind and name. */
  fields: Map<string, FieldTally>;
}

/** What counts the points of shards. */
export interface ShardTally extends PointSink {
  beginShard(policy: string): Promise<void>;
  endShard(): Promise<void>;
}

/** Two tallies of the same points. */
export function bothTallies(one: ShardTally, other: ShardTally): ShardTally {
  const both = <A extends unknown[]>(tell: (tally: ShardTally, ...args: A) => unknown) => {
    return async (...args: A) => void (await Promise.all([tell(one, ...args), tell(other, ...args)]));
  };
  return {
    beginShard: both((tally, policy: string) => tally.beginShard(policy)),
    endShard: both((tally) => tally.endShard()),
    beginKey: (key, type) => {
      one.beginKey(key, type);
      other.beginKey(key, type);
    },
    splits: (min, max) => one.splits(min, max) || other.splits(min, max),
    run: (min, max, count) => {
      one.run(min, max, count);
      other.run(min, max, count);
    },
    points: (times) => {
      one.points(times);
      other.points(times);
    },
    endKey: both((tally) => tally.endKey()),
  };
}

/** Counts all points of a dump, shard after shard. */
export class ArchiveTally implements ShardTally {
  /** In ns: newer points are counted, but fake no freshness. */
  readonly dumpedAt: bigint;
  readonly #folder: string;
  readonly #policies = new Map<string, Map<string, MeasurementTally>>();
  readonly #runs: { policy: string; run: KeyRun }[] = [];
  #policy = '';
  #key: Buffer = Buffer.alloc(0);
  #type = 0;
  #field: FieldTally | undefined;
  #hours: HourTally;
  #cells = 0;

  /** @param folder for scratch files; @param dumpedAt in ns: newer points are counted, but fake no freshness */
  constructor(folder: string, dumpedAt: bigint) {
    this.#folder = folder;
    this.dumpedAt = dumpedAt;
    this.#hours = new HourTally(dumpedAt);
  }

  async beginShard(policy: string) {
    this.#policy = policy;
    this.#runs.push({ policy, run: await KeyRun.create(join(this.#folder, `keys-${this.#runs.length}`)) });
  }

  async endShard() {
    await this.#runs.at(-1)?.run.close();
  }

  beginKey(key: Buffer, type: number) {
    this.#key = key;
    this.#type = type;
    this.#field = undefined;
  }

  splits(min: bigint, max: bigint): boolean {
    if ((min <= this.dumpedAt && max > this.dumpedAt) || dayOf(min) !== dayOf(max)) return true;
    return this.#hours.tells(min) && hourOf(min) !== hourOf(max);
  }

  run(min: bigint, max: bigint, count: number) {
    this.#field ??= this.#open();
    this.#spend(this.#field.add(min, max, count, this.dumpedAt) + this.#hours.add(min, count));
  }

  points(times: BigInt64Array) {
    for (let from = 0; from < times.length; ) {
      const first = times[from] as bigint;
      const partEnd = this.#hours.tells(first)
        ? BigInt(hourOf(first) + 1) * nsPerHour
        : BigInt(dayOf(first) + 1) * nsPerDay;
      const end = first <= this.dumpedAt && this.dumpedAt + 1n < partEnd ? this.dumpedAt + 1n : partEnd;
      const to = firstNotBelow(times, end, from);
      this.run(first, times[to - 1] as bigint, to - from);
      from = to;
    }
  }

  async endKey() {
    // A key whose points are all deleted does not exist for the server either.
    if (this.#field) await this.#runs.at(-1)?.run.append(Buffer.concat([this.#key, Buffer.from([kindOf(this.#type)])]));
  }

  /** Per retention policy, measurement and field. Call once, at the end. */
  async measurements(): Promise<MeasurementFacts[]> {
    for (const policy of this.#policies.keys()) await this.#countSeries(policy);
    return [...this.#policies].flatMap(([policy, measurements]) =>
      [...measurements].map(([name, { tagKeys, fields, hours }]) => ({
        policy,
        name,
        tagKeys: [...tagKeys].sort(),
        fields: [...fields].map(([key, tally]) => ({ name: key.slice(1), ...tally.facts() })),
        hours: hours.facts(),
      })),
    );
  }

  newest(): Facts['newest'] {
    let newest: { at: bigint; basis: string } | undefined;
    for (const [policy, measurements] of this.#policies) {
      for (const [name, { fields }] of measurements) {
        if (name === heartbeatMeasurement) continue;
        for (const { newest: at } of fields.values()) {
          if (at !== undefined && (!newest || at > newest.at)) newest = { at, basis: `${policy}.${name}` };
        }
      }
    }
    return newest ? { at: instantOf(newest.at), basis: newest.basis } : null;
  }

  #open(): FieldTally {
    const { measurement, tagKeys, field } = parseSeriesKey(this.#key);
    const tally = this.#fieldOf(this.#policy, measurement, `${kindOf(this.#type)}${field}`, tagKeys);
    tally.types.add(typeNames[this.#type] ?? `type ${this.#type}`);
    return tally;
  }

  #fieldOf(policy: string, measurement: string, fieldKey: string, tagKeys: string[]): FieldTally {
    const measurements = inserted(this.#policies, policy, () => new Map<string, MeasurementTally>());
    const tally = inserted(measurements, measurement, () => ({
      ...{ tagKeys: new Set<string>(), fields: new Map() },
      hours: new HourTally(this.dumpedAt),
    }));
    this.#hours = tally.hours;
    const known = tally.tagKeys.size + tally.fields.size;
    for (const key of tagKeys) tally.tagKeys.add(key);
    const field = inserted(tally.fields, fieldKey, () => new FieldTally());
    this.#spend(tally.tagKeys.size + tally.fields.size - known);
    return field;
  }

  #spend(cells: number) {
    this.#cells += cells;
    if (this.#cells <= mostCells) return;
    throw new FiredrillError('LIMIT_EXCEEDED', `it holds more than ${mostCells} fields, days of fields and tag keys`);
  }

  /** A series lies in many shards and counts once. */
  async #countSeries(policy: string) {
    const cursors: KeyRunCursor[] = [];
    try {
      for (const each of this.#runs) if (each.policy === policy) cursors.push(await KeyRunCursor.open(each.run.path));
      for await (const [cursor] of mergeSorted(cursors)) {
        if (!cursor) continue;
        const { measurement, field } = parseSeriesKey(cursor.key.subarray(0, -1));
        this.#fieldOf(policy, measurement, `${cursor.key.at(-1)}${field}`, []).series += 1;
      }
    } finally {
      await Promise.all(cursors.map((cursor) => cursor.close()));
    }
  }
}

function inserted<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
