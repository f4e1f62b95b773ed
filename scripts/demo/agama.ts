import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { dockerHost } from '../../src/hosts/docker.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { root } from '../image-choice.ts';
import type { DemoContext } from './demo-context.ts';
import { type DemoContainer, startContainer, untilReady } from './demo-docker.ts';

export const agamaName = 'firedrill-demo-agama';

const fixtures = join(root, 'fixtures/demo/agama');
const seedMs = 600_000;

/** Starts an empty MySQL with a binary log and waits until it answers. */
export async function startAgama(context: DemoContext): Promise<DemoContainer> {
  const script = await readFile(join(fixtures, 'start.sh'), 'utf8');
  const container = await startContainer(context.docker, {
    name: agamaName,
    image: context.images.mysql,
    entrypoint: ['bash', '-c'],
    command: [script],
    dataFolder: '/var/lib/mysql',
  });
  await untilReady(context.docker, container, context.signal, () => sql(context, ['SELECT 1;']));
  return container;
}

/** Makes schema, rows and accounts, then what happens right now. Returns the number of rows. */
export async function seedAgama(context: DemoContext): Promise<number> {
  const files = ['schema.sql', 'rows.sql', 'objects.sql', 'accounts.sql'].map((name) => join(fixtures, name));
  await sql(context, scripts(variables(context), files));
  await changeAgama(context, 'sunday.sql', context.until);
  return countRows(context);
}

/** Runs a file of changes as if it were `at`: the newest events, in the binary log. */
export async function changeAgama(context: DemoContext, file: string, at: Date): Promise<void> {
  const head = `USE agama;\nSET SESSION timestamp = ${at.getTime() / 1000 - 60};\n`;
  await sql(context, scripts(head, [join(fixtures, 'week', file)]));
}

function variables({ until, scale, secrets }: DemoContext): string {
  const moment = until.toISOString().slice(0, 19).replace('T', ' ');
  return `SET @until = '${moment}', @scale = ${scale}, @app_password = '${secrets.agamaApp}', @backup_password = '${secrets.agamaBackup}';\n`;
}

async function* scripts(head: string, files: readonly string[]): AsyncGenerator<Buffer | string> {
  yield head;
  for (const file of files) yield* createReadStream(file);
}

/** Exact: what information_schema says about rows is an estimate. */
async function countRows(context: DemoContext): Promise<number> {
  const tables = await sql(context, [
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'agama' AND table_type = 'BASE TABLE';",
  ]);
  const counts = tables
    .trim()
    .split('\n')
    .map((name) => `(SELECT COUNT(*) FROM agama.${name})`);
  return Number(await sql(context, [`SELECT ${counts.join(' + ')};`]));
}

/** Feeds statements to the client in the container; secrets in them go through its stdin. */
export async function sql(
  { docker, signal }: Pick<DemoContext, 'docker' | 'signal'>,
  statements: Iterable<string> | AsyncIterable<Buffer | string>,
): Promise<string> {
  await using host = dockerHost({ container: agamaName, client: docker });
  return await outputOf(host, {
    tool: 'mysql',
    args: [
      '--no-defaults',
      '--socket=/var/lib/mysql/mysqld.sock',
      '--user=root',
      '--default-character-set=utf8mb4',
      '-N',
    ],
    stdin: Readable.from(statements, { objectMode: false }),
    deadlineMs: seedMs,
    signal,
  });
}
