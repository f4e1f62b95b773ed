import type { Host } from '../../hosts/host.ts';
import { outputOf } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import type { Diagnosis, Source } from '../engine.ts';
import type { GrafanaSettings } from './settings.ts';
import { assertReadable } from './source/copy-database.ts';
import { versionFromApi } from './source/source-version.ts';

/** What `doctor` says of a source: everything that a backup will need. */
export async function diagnoseGrafana(
  { host, settings }: Source<GrafanaSettings>,
  { signal }: Activity,
): Promise<Diagnosis[]> {
  const readable = async (file: string) => {
    await assertReadable(host, file, signal);
    return 'readable';
  };
  const looks = [
    ...[settings.database, ...settings.files].map((file) => () => look(file, () => readable(file))),
    () => look('its HTTP API answers', async () => `version ${await versionFromApi(host, settings, signal)}`),
    () => look('a consistent copy can be taken', () => copyMethod(host, signal)),
  ];
  const found: Diagnosis[] = [];
  for (const each of looks) found.push(await each());
  return found;
}

async function look(what: string, ask: () => Promise<string>): Promise<Diagnosis> {
  try {
    return { ok: true, what: `${what}: ${await ask()}` };
  } catch (error) {
    if (!(error instanceof FiredrillError)) throw error;
    return { ok: false, what: error.message, advice: error.hint };
  }
}

async function copyMethod(host: Host, signal: AbortSignal): Promise<string> {
  if (host.label === 'local') return "by SQLite's online backup";
  const args = ['-c', 'command -v sqlite3 > /dev/null && sqlite3 --version || echo none'];
  const [version = ''] = (await outputOf(host, { tool: 'sh', args, signal })).split(' ');
  return /^\d/.test(version)
    ? `by the online backup of sqlite3 ${version}`
    : 'by reading it until two reads agree; install sqlite3 there if it is written all the time';
}
