import type { Host } from '../../../hosts/host.ts';
import { outputOf } from '../../../hosts/output.ts';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { askVersion } from '../client.ts';
import type { GrafanaSettings } from '../settings.ts';

// `Version 7.5.5 (commit: …)`, from 9 on `grafana version 10.4.2`.
const binaryScript = `PATH="$PATH:/usr/share/grafana/bin:/usr/sbin"
grafana --version 2> /dev/null || grafana-server -v 2> /dev/null || true`;

/** The version of the server that runs there; of the installed program when no server answers. */
export async function sourceVersion(host: Host, settings: GrafanaSettings, signal: AbortSignal): Promise<string> {
  try {
    return await versionFromApi(host, settings, signal);
  } catch (error) {
    if (!isFiredrillError(error, 'SOURCE_UNREACHABLE')) throw error;
    const said = await outputOf(host, { tool: 'sh', args: ['-c', binaryScript], deadlineMs: 60_000, signal });
    const version = /version (\d+\.\d+\.\d+\S*)/i.exec(said)?.[1];
    if (version) return version.slice(0, 64);
    throw new FiredrillError(
      'SOURCE_UNREACHABLE',
      `the version of Grafana on ${host.label} is not known: ${error.message}`,
      {
        hint: 'A drill needs it. Start Grafana there, or check settings.port and settings.scheme.',
        cause: error,
      },
    );
  }
}

export async function versionFromApi(
  host: Host,
  { port, scheme }: GrafanaSettings,
  signal: AbortSignal,
): Promise<string> {
  return askVersion({ connect: () => host.connect({ port }), scheme, signal });
}
