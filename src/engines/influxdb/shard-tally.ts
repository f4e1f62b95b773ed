import { FiredrillError } from '../../kit/errors.ts';
import { type Facts, heartbeatMeasurement, type MeasurementFacts } from './facts.ts';
import { FieldTally } from './field-tally.ts';
import { HourTally } from './hours.ts';
import { dayOf, hourOf, instantOf, nsPerDay, nsPerHour } from './instants.ts';
import { kindOf, typeName } from './tsm/block-types.ts';
import { firstNotBelow } from './tsm/first-not-below.ts';
import type { PointSink } from './tsm/read-shard.ts';
import { parseSeriesKey } from './tsm/series-key.ts';

/** Fields, their days and tag keys in all: more would not fit into a manifest, and a block of 20 bytes can claim thousands. */
const mostCells = 4_000_000;

/** Told each series of a field that has points in a shard, once, in ascending order. */
export interface SeriesSink {
  /** @param type the block type of TSM. Awaited: a sink that writes may hold the reader back. */
  add(key: Buffer, type: number): Promise<void> | undefined;
}

interface MeasurementTally {
  tagKeys: Set<string>;
  hours: HourTally;
  /** By kind and name. */
  fields: Map<string, FieldTally>;
}

/** Counts all points of one shard. */
export class ShardTally implements PointSink {
  readonly #policy: string;
  readonly #dumpedAt: bigint;
  readonly #series: SeriesSink | undefined;
  readonly #measurements = new Map<string, MeasurementTally>();
  #key: Buffer = Buffer.alloc(0);
  #type = 0;
  #field: FieldTally | undefined;
  #hours: HourTally;
  #cells = 0;

  /** @param dumpedAt in ns: newer points are counted, but fake no freshness; @param series is told what is counted here, too */
  constructor(policy: string, dumpedAt: bigint, series?: SeriesSink) {
    this.#policy = policy;
    this.#dumpedAt = dumpedAt;
    this.#series = series;
    this.#hours = new HourTally(dumpedAt);
  }

  beginKey(key: Buffer, type: number) {
    this.#key = key;
    this.#type = type;
    this.#field = undefined;
  }

  splits(min: bigint, max: bigint): boolean {
    if ((min <= this.#dumpedAt && max > this.#dumpedAt) || dayOf(min) !== dayOf(max)) return true;
    return this.#hours.tells(min) && hourOf(min) !== hourOf(max);
  }

  run(min: bigint, max: bigint, count: number) {
    this.#field ??= this.#open();
    this.#spend(this.#field.add(min, max, count, this.#dumpedAt) + this.#hours.add(min, count));
  }

  points(times: BigInt64Array) {
    for (let from = 0; from < times.length; ) {
      const first = times[from] as bigint;
      const partEnd = this.#hours.tells(first)
        ? BigInt(hourOf(first) + 1) * nsPerHour
        : BigInt(dayOf(first) + 1) * nsPerDay;
      const end = first <= this.#dumpedAt && this.#dumpedAt + 1n < partEnd ? this.#dumpedAt + 1n : partEnd;
      const to = firstNotBelow(times, end, from);
      this.run(first, times[to - 1] as bigint, to - from);
      from = to;
    }
  }

  endKey(): Promise<void> | undefined {
    // A key whose points are all deleted does not exist for the server either.
    if (!this.#field) return undefined;
    this.#field.series += 1;
    return this.#series?.add(this.#key, this.#type);
  }

  /** Per measurement and field. */
  measurements(): MeasurementFacts[] {
    return [...this.#measurements].map(([name, { tagKeys, fields, hours }]) => ({
      policy: this.#policy,
      name,
      tagKeys: [...tagKeys].sort(),
      fields: [...fields.values()].map((field) => field.facts()),
      hours: hours.facts(),
    }));
  }

  newest(): Facts['newest'] {
    let newest: { at: bigint; basis: string } | undefined;
    for (const [name, { fields }] of this.#measurements) {
      if (name === heartbeatMeasurement) continue;
      for (const { newest: at } of fields.values()) {
        if (at !== undefined && (!newest || at > newest.at)) newest = { at, basis: `${this.#policy}.${name}` };
      }
    }
    return newest ? { at: instantOf(newest.at), basis: newest.basis } : null;
  }

  #open(): FieldTally {
    const { measurement, tagKeys, field } = parseSeriesKey(this.#key);
    const tally = inserted(this.#measurements, measurement, () => ({
      ...{ tagKeys: new Set<string>(), fields: new Map() },
      hours: new HourTally(this.#dumpedAt),
    }));
    this.#hours = tally.hours;
    const known = tally.tagKeys.size + tally.fields.size;
    for (const key of tagKeys) tally.tagKeys.add(key);
    const type = typeName(this.#type);
    const opened = inserted(tally.fields, `${kindOf(type)} ${field}`, () => new FieldTally(field));
    this.#spend(tally.tagKeys.size + tally.fields.size - known);
    opened.types.add(type);
    return opened;
  }

  #spend(cells: number) {
    this.#cells += cells;
    if (this.#cells <= mostCells) return;
    throw new FiredrillError('LIMIT_EXCEEDED', `it holds more than ${mostCells} fields, days of fields and tag keys`);
  }
}

function inserted<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
