import { randomBytes } from 'node:crypto';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { chain } from '../../../kit/streams.ts';
import { count } from '../../../kit/text.ts';
import { type InLane, inLanes, together } from '../../../kit/together.ts';
import type { Session } from '../client.ts';
import { DataStream } from '../data-stream.ts';
import type { TableFacts } from '../documents.ts';
import { judgeWarnings, loadingMode, loadingSettings } from '../load-table.ts';
import { qualify, quoteName, sayTable } from '../names.ts';
import { addKeys, type TablePlan } from '../restore-schema.ts';
import type { SandboxServer } from '../sandbox-server.ts';
import type { MysqlSource } from '../source.ts';
import { countRows, fingerprint } from '../table-facts.ts';
import { TableReader } from '../table-reader.ts';
import type { Cargo, CarriedTable } from './cargo.ts';
import { valuesBatches } from './insert-values.ts';
import { openDefiner, openTarget } from './target.ts';

export interface Freight {
  pod: SandboxServer;
  target: MysqlSource;
  cargo: Cargo;
  plans: readonly TablePlan[];
  activity: Activity;
}

/**
 * Reads each table from the pod's server and writes it into the target, a few side by side; keys follow their table.
 * Returns what the pod's tables say of themselves, under the names at the target.
 */
export async function carryTables({ pod, target, cargo, plans, activity }: Freight): Promise<TableFacts[]> {
  const { service } = target;
  const { length: total } = cargo.tables;
  const planned = new Map(plans.map((plan) => [qualify(plan.database, plan.name), plan]));
  const waiting = [...cargo.tables];
  const facts: TableFacts[] = [];
  const lane = async ({ signal, abort }: InLane) => {
    await using held = await Lane.open(pod, target, signal);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { database, name } = next.to;
      const plan = planned.get(qualify(database, name));
      facts.push(await held.carry(next, plan?.withKeys ?? false, abort));
      if (plan) await addKeys(held.definer, plan);
      activity.tell({ service, phase: 'carry', text: `${facts.length} of ${count(total, 'table')}` });
    }
  };
  await inLanes(laneCount(total, target), activity.signal, lane);
  return facts;
}

/** How many tables are written side by side: the target serves others as well, and its owner says how much it may bear. */
export function laneCount(tables: number, { settings }: MysqlSource): number {
  return Math.max(1, Math.min(settings.connections, tables));
}

/** One table after another: a client that reads in the pod, a session that asks there, and two that write at the target. */
class Lane implements AsyncDisposable {
  readonly definer: Session;
  readonly #reader: TableReader;
  readonly #pod: Session;
  readonly #target: Session;
  readonly #dumpId: string;
  readonly #maxChars: number;
  readonly #held: AsyncDisposableStack;

  private constructor(
    [reader, pod, target, definer]: [TableReader, Session, Session, Session],
    dumpId: string,
    maxChars: number,
    held: AsyncDisposableStack,
  ) {
    this.#reader = reader;
    this.#pod = pod;
    this.#target = target;
    this.definer = definer;
    this.#dumpId = dumpId;
    this.#maxChars = maxChars;
    this.#held = held;
  }

  static async open(pod: SandboxServer, target: MysqlSource, signal: AbortSignal): Promise<Lane> {
    await using opening = new AsyncDisposableStack();
    const dumpId = randomBytes(16).toString('hex');
    const reader = new TableReader(pod.asSource(target.settings.databases), dumpId, { signal });
    opening.defer(() => reader.abandon());
    await reader.ready();
    const asking = opening.use(await pod.connect(signal));
    const writing = opening.use(await openTarget(target, signal));
    await writing.runAll(loadingSettings);
    const definer = opening.use(await openDefiner(target, signal));
    const packetBytes = Number(await writing.value('SELECT @@max_allowed_packet'));
    // A character has four bytes at most.
    const maxChars = Math.min(1 << 20, Math.floor(packetBytes / 8));
    return new Lane([reader, asking, writing, definer], dumpId, maxChars, opening.move());
  }

  /** `withKeys`: it has its keys already. */
  async carry({ from, to }: CarriedTable, withKeys: boolean, stop: (error: unknown) => void): Promise<TableFacts> {
    const asked = async () => ({
      rows: await countRows(this.#pod, from),
      ...(await fingerprint(this.#pod, from, false)),
    });
    const [known] = await together<Omit<TableFacts, 'database' | 'name' | 'artifact'> | undefined>(
      [asked(), this.#insert(from, to, withKeys).then(() => undefined)],
      stop,
    );
    if (!known) throw new FiredrillError('INTERNAL', 'a table was carried without its facts');
    return { ...to, artifact: '', ...known };
  }

  async #insert(from: CarriedTable['from'], to: CarriedTable['to'], withKeys: boolean): Promise<void> {
    const what = `table ${sayTable(to.database, to.name)}`;
    const data = new DataStream({ what, markId: this.#dumpId, isPart: false });
    const columns = from.columns.map(({ name }) => quoteName(name)).join(', ');
    const head = `INSERT INTO ${qualify(to.database, to.name)} (${columns}) VALUES `;
    const failed = (said: string) => new FiredrillError('TARGET_FAILED', `${what}: ${said}`);
    await this.#target.run(loadingMode({ columns: from.columns, withKeys }));
    let inserted = 0;
    for await (const { sql, rows } of valuesBatches(
      chain(this.#reader.read(from), data),
      from.columns,
      this.#maxChars,
    )) {
      const { affectedRows, warnings } = await this.#target.run(`${head}${sql}`);
      if (warnings > 0) await judgeWarnings(this.#target, from.columns, failed);
      if (affectedRows !== rows) throw failed(`${affectedRows} of ${rows} rows were taken`);
      inserted += rows;
    }
    if (inserted !== data.rows) throw failed(`${inserted} of ${data.rows} rows were written`);
  }

  [Symbol.asyncDispose]() {
    return this.#held.disposeAsync();
  }
}
