import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bay, StartedServer } from '../../../hosts/bay.ts';
import { runToEnd } from '../../../hosts/output.ts';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { podDataFolder } from '../../../model/sandbox.ts';
import { GrafanaClient } from '../client.ts';
import { grafanaRecipe, secretKeyFile } from './recipe.ts';

const readyDeadlineMs = 120_000;

const placeScript = `umask 077
mkdir -p "$1/plugins" "$1/provisioning/dashboards" "$1/provisioning/datasources" "$1/provisioning/plugins" \\
  "$1/provisioning/notifiers" "$1/provisioning/alerting" "$1/provisioning/access-control"
exec cat > "$1/grafana.db"`;
const keyScript = 'umask 077; exec cat > "$1"';

/** Puts the copy into the bay, with empty folders for all that is provisioned, and starts the server on it. */
export async function startServer(
  bay: Bay,
  copy: string,
  key: string | undefined,
  signal: AbortSignal,
): Promise<StartedServer> {
  const place = { tool: 'sh', args: ['-c', placeScript, 'sh', podDataFolder], stdin: createReadStream(copy), signal };
  await runToEnd(bay.holder, place);
  if (key !== undefined) {
    const stdin = Readable.from([Buffer.from(key)]);
    await runToEnd(bay.holder, { tool: 'sh', args: ['-c', keyScript, 'sh', secretKeyFile], stdin, signal });
  }
  return bay.start(grafanaRecipe(key !== undefined));
}

/** Waits until the server says that it is well; stops early when it has ended. Returns its version. */
export async function awaitHealth(server: StartedServer, signal: AbortSignal): Promise<string> {
  const client = new GrafanaClient(() => server.socketPath(), signal);
  for (const end = performance.now() + readyDeadlineMs; performance.now() < end; await sleep(50)) {
    if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the restored Grafana was not awaited');
    const health = await healthOf(client);
    if (health) return health;
    await server.assertAlive();
  }
  const detail = (await server.logs()).trimEnd().split('\n').slice(-20);
  throw new FiredrillError('RESTORE_FAILED', 'the restored Grafana did not become healthy in 2 minutes', { detail });
}

async function healthOf(client: GrafanaClient): Promise<string | undefined> {
  try {
    const { status, body } = await client.get('/api/health');
    const { database, version } = (body ?? {}) as { database?: unknown; version?: unknown };
    return status === 200 && database === 'ok' && typeof version === 'string' ? version.slice(0, 64) : undefined;
  } catch (error) {
    // The socket is not there yet, or nobody listens on it yet.
    if (isFiredrillError(error, 'SANDBOX_FAILED', 'RESTORE_FAILED')) return undefined;
    throw error;
  }
}
