import type { ShardFacts } from './facts.ts';
import { nsOf } from './instants.ts';
import type { ListedShard } from './inventory.ts';
import type { SeriesCount } from './series-count.ts';
import type { SpooledShard } from './shard-archive.ts';
import { ShardTally } from './shard-tally.ts';

export interface StoredShard {
  listed: ListedShard;
  spooled: SpooledShard;
}

/**
 * Counts the points of shards, one after the other, while others are fetched: of these at most one waits, so that there
 * is room for it. Disposing of it waits for what it does.
 */
export class ShardJudge implements AsyncDisposable {
  readonly #at: Date;
  readonly #series: SeriesCount | undefined;
  readonly #signal: AbortSignal;
  readonly #judged: ShardFacts[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** @param at when the dump was made */
  constructor(at: Date, series: SeriesCount | undefined, signal: AbortSignal) {
    this.#at = at;
    this.#series = series;
    this.#signal = signal;
  }

  /** Begins with a shard, once it has ended with the one before. */
  async next(shard: StoredShard): Promise<void> {
    await this.#last;
    this.#last = this.#judge(shard);
    // Whoever comes next is told.
    this.#last.catch(() => {});
  }

  async all(): Promise<ShardFacts[]> {
    await this.#last;
    return this.#judged;
  }

  async #judge({ listed, spooled: given }: StoredShard): Promise<void> {
    await using spooled = given;
    const series = await this.#series?.beginShard(listed.policy);
    const tally = new ShardTally(listed.policy, nsOf(this.#at), series);
    try {
      await spooled.read(tally, this.#signal);
    } finally {
      await series?.close();
    }
    const counted = { measurements: tally.measurements(), newest: tally.newest() };
    this.#judged.push({ ...listed, ...spooled.facts, ...counted });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last.catch(() => {});
  }
}
