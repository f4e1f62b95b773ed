import { z } from 'zod';
import type { Activity } from '../../kit/activity.ts';
import { isFiredrillError } from '../../kit/errors.ts';
import type { OpenMember } from '../../model/member.ts';
import { type Answer, answerOfRows, maxAnswerBytes, maxAnswerRows } from '../../model/own-check.ts';
import { type Asker, answerTooLarge, judgedQuestion, type Questions } from '../questions.ts';
import type { Login } from './client.ts';
import { isReading } from './reading.ts';
import type { SandboxServer } from './sandbox-server.ts';
import type { MysqlSettings } from './settings.ts';

const keys = {
  sql: z
    .string()
    .min(1)
    .refine(isReading, 'one statement that only reads: SELECT, WITH … SELECT, TABLE, VALUES or SHOW')
    .describe(
      'one statement that only reads. It runs in a read-only session that sees the databases of the backup; NOW() is the instant of the restored data, in UTC',
    ),
};
const question = z.strictObject(keys);

export const mysqlQuestions: Questions<MysqlSettings> = {
  keys,
  open: async (chain, restored, now, { signal }) => {
    const { sandboxOf } = await import('./restore.ts');
    const sandbox = sandboxOf(restored);
    const reader = await sandbox.createReader(await databasesOf(chain), signal);
    return new SqlAsker(sandbox, reader, now, signal);
  },
  openLive: (source, activity) => ({
    ask: async (asked, signal) => {
      const { sql } = judgedQuestion(question, asked);
      const { openSource } = await import('./source.ts');
      await using session = await openSource(source, { signal: AbortSignal.any([activity.signal, signal]) });
      await session.runAll(readOnly());
      return answerOfRows(await session.lists(sql, maxAnswerBytes, answerTooLarge));
    },
    [Symbol.asyncDispose]: async () => {},
  }),
};

async function databasesOf(chain: readonly OpenMember[]): Promise<string[]> {
  const { readSchema } = await import('./documents.ts');
  const newest = chain.at(-1);
  return newest ? (await readSchema(newest)).databases.map(({ name }) => name) : [];
}

/** Each question gets a session of its own: what one has left behind must not touch the next. */
class SqlAsker implements Asker {
  readonly #sandbox: SandboxServer;
  readonly #reader: Login;
  readonly #now: Date;
  readonly #signal: Activity['signal'];

  constructor(sandbox: SandboxServer, reader: Login, now: Date, signal: AbortSignal) {
    this.#sandbox = sandbox;
    this.#reader = reader;
    this.#now = now;
    this.#signal = signal;
  }

  async ask(asked: unknown, signal: AbortSignal): Promise<Answer> {
    const { sql } = judgedQuestion(question, asked);
    await using session = await this.#sandbox.connectAs(this.#reader, signal);
    await session.runAll(readOnly(this.#now));
    const id = await session.value('SELECT CONNECTION_ID()');
    try {
      return answerOfRows(await session.lists(sql, maxAnswerBytes, answerTooLarge));
    } catch (error) {
      if (signal.aborted || isFiredrillError(error, 'LIMIT_EXCEEDED')) await this.#giveUp(id);
      throw error;
    }
  }

  /** The server would go on working for somebody who is gone. */
  async #giveUp(id: string | null | undefined) {
    if (this.#signal.aborted) return;
    await using own = await this.#sandbox.connect(this.#signal);
    await own.run(`KILL ${Number(id)}`).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // When all is to end the pod goes, and its accounts with it.
    if (!this.#signal.aborted) await this.#sandbox.dropLogin(this.#reader, this.#signal);
  }
}

/** Whatever a function or a view does beneath the statement: the server itself lets nothing of it change a table. */
function readOnly(now?: Date): string[] {
  return [
    `SET timestamp = ${now ? now.getTime() / 1000 : 'DEFAULT'}, sql_select_limit = ${maxAnswerRows + 1}, sql_mode = DEFAULT`,
    'SET SESSION TRANSACTION READ ONLY',
  ];
}
