import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sample, sampleFile } from './grafana-source.ts';
import { scratchFolder } from './scratch.ts';
import { until } from './until.ts';

const server = join(import.meta.dirname, '../../fixtures/grafana-stand-in/server.ts');

export interface StandIn extends AsyncDisposable {
  port: number;
  database: string;
  logs(): string;
  /** With basic auth as admin unless `login` says otherwise. */
  ask(path: string, options?: AskOptions): Promise<{ status: number; body: unknown }>;
  /** SIGTERM, and its end. */
  stop(): Promise<void>;
}

export interface AskOptions {
  login?: string;
  orgId?: number;
  body?: unknown;
  /** POST where there is a body, else GET. */
  method?: string;
}

/** A folder with a copy of a sample as grafana.db, or with none. */
export async function sampleFolder(sample?: Sample) {
  const scratch = await scratchFolder();
  const database = join(scratch.path, 'grafana.db');
  await mkdir(join(scratch.path, 'provisioning'));
  if (sample) await copyFile(sampleFile(sample), database);
  return { folder: scratch.path, database, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

/** Starts the stand-in as a process of this machine on `folder`, without waiting. */
export function launchStandIn(folder: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [server], {
    env: {
      GF_PATHS_DATA: folder,
      GF_PATHS_PROVISIONING: join(folder, 'provisioning'),
      GF_SERVER_HTTP_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let logs = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      logs += chunk;
    });
  }
  return { child, logs: () => logs };
}

/** A stand-in that answers, on a database of its own in `folder`. `await using` stops it. */
export async function standIn(folder: string, env: Record<string, string> = {}): Promise<StandIn> {
  const { child, logs } = launchStandIn(folder, { GF_ALERTING_EXECUTE_ALERTS: 'false', ...env });
  const port = await until('the stand-in listens', async () => {
    if (child.exitCode !== null) throw new Error(`the stand-in ended: ${logs()}`);
    const listening = /HTTP Server Listen (.*)/.exec(logs())?.[1];
    return listening === undefined ? undefined : Number(JSON.parse(listening).port ?? 0);
  });
  const stop = () => end(child);
  const ask: StandIn['ask'] = async (path, { login = 'admin:admin', orgId, body, method } = {}) => {
    const headers: Record<string, string> = { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
    if (orgId !== undefined) headers['x-grafana-org-id'] = String(orgId);
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers, ...post, ...(method && { method }) });
    return { status: answer.status, body: await answer.json() };
  };
  return { port, database: join(folder, 'grafana.db'), logs, ask, stop, [Symbol.asyncDispose]: stop };
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
