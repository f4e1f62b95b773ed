import { outputOf } from '../../../hosts/output.ts';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { formatBytes } from '../../../kit/units.ts';
import type { Manifest } from '../../../model/manifest.ts';
import type { Source, Standing } from '../../engine.ts';
import { factsOf } from '../facts.ts';
import type { GrafanaSettings } from '../settings.ts';
import { versionFromApi } from '../source/source-version.ts';
import { isOlder } from '../version.ts';
import { organisationHolding } from './chosen.ts';
import { LiveGrafana } from './live.ts';

/** $1: the database. Who has it open is asked of the kernel: a port can be another one. */
const lookScript = `for fd in /proc/[0-9]*/fd/*; do
  [ "$(readlink "$fd" 2> /dev/null)" = "$1" ] && echo open && exit
done
if [ -e "$1" ]; then stat -c '%s %Y' "$1"; else echo none; fi`;

/** What lies there; SOURCE_UNSUITABLE while a server runs, which would write over whatever is put beneath it. */
export async function lookAtTarget(
  target: Source<GrafanaSettings>,
  signal: AbortSignal,
): Promise<Standing<GrafanaSettings>> {
  const { host, settings } = target;
  const args = ['-c', lookScript, 'sh', settings.database];
  const said = (await outputOf(host, { tool: 'sh', args, signal })).trim();
  if (said === 'open' || (await answers(target, signal))) {
    const sentence = `Grafana runs at ${host.label}: its database cannot be put in place beneath it`;
    throw new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint: 'Stop it there, and run the same command again.' });
  }
  const [bytes, seconds] = said.split(' ').map(Number);
  if (said === 'none' || !bytes || !seconds) return { holds: [], newest: null, backUpAs: null };
  const newest = { at: new Date(seconds * 1000).toISOString(), basis: 'when the file was written last' };
  return { holds: [`${settings.database}: ${formatBytes(bytes)}`], newest, backUpAs: null };
}

/** Whether some dashboards can be put into the Grafana that runs there; nothing gives way to them. */
export async function lookAtLive(
  target: Source<GrafanaSettings>,
  newest: Manifest,
  uids: readonly string[],
  signal: AbortSignal,
): Promise<Standing<GrafanaSettings>> {
  const { host, settings } = target;
  const live = new LiveGrafana(target, signal);
  const version = await versionFromApi(host, settings, signal);
  const { engineVersion } = newest.source;
  if (isOlder(version, engineVersion)) {
    const sentence = `${host.label} runs Grafana ${version}, and the backup was made of ${engineVersion}`;
    throw new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint: 'Restore into that version or a later one.' });
  }
  organisationHolding(factsOf(newest), await live.organisation(), uids);
  return { holds: [], newest: null, backUpAs: null };
}

async function answers({ host, settings }: Source<GrafanaSettings>, signal: AbortSignal): Promise<boolean> {
  try {
    await versionFromApi(host, settings, signal);
    return true;
  } catch (error) {
    if (isFiredrillError(error, 'SOURCE_UNREACHABLE')) return false;
    throw error;
  }
}
