import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, limits } from './bench.ts';
import { influxDatabase } from './influxdb-data.ts';

interface Result {
  error?: string;
  series?: { name: string; columns: string[]; values: (string | number | null)[][] }[];
}

/** An InfluxDB in a container of its own, on Docker's network of this machine. */
export class InfluxdbPlace implements AsyncDisposable {
  readonly name: string;
  readonly #bench: Bench;
  #address: string | undefined;

  constructor(bench: Bench, name: string) {
    this.#bench = bench;
    this.name = name;
  }

  /** Throws what the server says is wrong, also where the answer's status is 200. */
  async query(statement: string, method: 'GET' | 'POST' = 'GET'): Promise<Result[]> {
    const asked = new URLSearchParams({ db: influxDatabase, q: statement });
    const answer = await this.#fetch(`/query?${asked}`, { method });
    const { results = [], error } = (await answer.json()) as { results?: Result[]; error?: string };
    const wrong = error ?? results.find((each) => each.error !== undefined)?.error;
    if (wrong !== undefined) throw new Error(`InfluxDB: ${wrong}`);
    return results;
  }

  /** @param body line protocol with instants in ms */
  async write(body: string): Promise<void> {
    const answer = await this.#fetch(`/write?db=${influxDatabase}&precision=ms`, { method: 'POST', body });
    if (answer.status !== 204) throw new Error(`InfluxDB did not write: ${await answer.text()}`);
  }

  async untilAnswers(): Promise<void> {
    await this.#until(() => this.#fetch('/ping', {}));
  }

  /** A restore ends before its shards are open; this asks all of them for little. */
  async untilOpen(): Promise<void> {
    await this.#until(() => this.query('SELECT FIRST(used) FROM mem GROUP BY time(1d) fill(none)'));
  }

  async #until(ask: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await ask();
        return;
      } catch (error) {
        this.#bench.signal.throwIfAborted();
        const running = await this.#bench.shell('docker inspect --format "{{.State.Running}}" "$1"', [this.name]);
        if (running.trim() !== 'true') throw new Error('InfluxDB has ended', { cause: error });
      }
      await sleep(50);
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    this.#address ??= (await this.#bench.shell('docker inspect --format "$2" "$1"', [this.name, format])).trim();
    return fetch(`http://${this.#address}:8086${path}`, { ...init, signal: this.#bench.signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench.remove(this.name);
  }
}

/** Started, and perhaps not answering yet: without what would change the data by itself, as in firedrill's pods. */
export async function startInfluxdb(bench: Bench): Promise<InfluxdbPlace> {
  const env = {
    HOME: '/root',
    INFLUXDB_META_DIR: '/data/meta',
    INFLUXDB_DATA_DIR: '/data/data',
    INFLUXDB_DATA_WAL_DIR: '/data/wal',
    INFLUXDB_DATA_CACHE_MAX_MEMORY_SIZE: `${limits.memoryBytes / 2}`,
    INFLUXDB_MONITOR_STORE_ENABLED: 'false',
    INFLUXDB_RETENTION_ENABLED: 'false',
    INFLUXDB_HTTP_LOG_ENABLED: 'false',
    INFLUXDB_REPORTING_DISABLED: 'true',
  };
  const options = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return new InfluxdbPlace(
    bench,
    await bench.start(bench.images.influxdb, 'exec influxd run -config /dev/null', options),
  );
}

/** What a restored database must hold: of each field the number of its values and, of numbers, their sum; one thing a line. */
export async function contentOf(place: InfluxdbPlace): Promise<string[]> {
  const lines: string[] = [];
  for (const statement of ['SELECT COUNT(*) FROM /.*/', 'SELECT SUM(*) FROM /.*/']) {
    for (const { name, columns, values } of (await place.query(statement))[0]?.series ?? []) {
      const [row = []] = values;
      // Floats add up in the order in which they come.
      lines.push(...columns.slice(1).map((column, i) => `${name}.${column}\t${Number(row[i + 1]).toPrecision(9)}`));
    }
  }
  return lines.toSorted();
}
