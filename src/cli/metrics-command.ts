import { once } from 'node:events';
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { FiredrillError } from '../kit/errors.ts';
import { startMetricsServer } from '../notify/metrics-server.ts';
import { writeTextfile } from '../notify/textfile.ts';
import { StateMetrics } from '../report/render-state-metrics.ts';
import { about } from './help.ts';
import { printError } from './output.ts';
import type { Session } from './session.ts';
import { shownPath } from './shown-path.ts';

const help = about(
  `Prints the state of all drills in the text format of Prometheus: of each name the newest drill (verdict, restore time, losses, bytes,
duration, mail), of each service when the newest backup was made that a drill has restored whole, and the share of planted faults
that were found. With --textfile it writes them where notify.textfile says, for node_exporter; drills with --notify do so by
themselves. With --listen it serves them over HTTP until it is stopped: on loopback, unless told otherwise, for it knows no login.

It does not drill: what it tells is what the journals in the reports' folder say. Alert rules and a dashboard that use these metrics
lie in deploy/, beside firedrill's documents.`,
  [0, 'they were printed or written; or served, until somebody stopped it'],
  [1, 'the reports cannot be read, or it cannot listen there'],
  2,
  [5, 'the file could not be written'],
  130,
);

interface Options {
  textfile?: boolean;
  listen?: string | true;
}

export function addMetrics(program: Command, session: Session): void {
  program
    .command('metrics')
    .description('print the state of all drills for Prometheus')
    .option('--textfile', 'write them to the file that notify.textfile names')
    .option('--listen [address]', 'serve them there, such as 127.0.0.1:9477 (default: as notify.metrics says)')
    .addHelpText('after', help)
    .action((options: Options) => showMetrics(options, session));
}

async function showMetrics({ textfile = false, listen }: Options, session: Session): Promise<void> {
  if (textfile && listen !== undefined) throw new FiredrillError('USAGE', '--textfile or --listen, not both');
  const config = await session.configForReading();
  const state = new StateMetrics(config.reportsFolder);
  if (listen !== undefined) return serve(state, addressOf(listen, config), session);
  const text = await session.interruptible(state.render());
  if (!textfile) return session.show(text.trimEnd(), { metrics: text });
  const file = config.notify?.textfile;
  if (file === undefined) {
    throw new FiredrillError('CONFIG_INVALID', 'the configuration has no notify.textfile', {
      hint: 'Add notify: { textfile: /var/lib/prometheus/node-exporter/firedrill.prom } to the configuration.',
    });
  }
  await writeTextfile(file, text);
  session.show(shownPath(file), { textfile: file });
}

/** `host:port`, `[::1]:port`, or a port of loopback. */
function addressOf(text: string | true, { notify }: Config): { host: string; port: number } {
  if (text === true) return notify?.metrics ?? { host: '127.0.0.1', port: 9477 };
  const [, host = '127.0.0.1', digits] = /^(?:(\[[0-9a-fA-F:]+\]|[^\s:]+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new FiredrillError('USAGE', `--listen takes an address such as 127.0.0.1:9477, not: ${text}`);
  }
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
}

async function serve(state: StateMetrics, address: { host: string; port: number }, session: Session): Promise<void> {
  const render = () => state.render();
  await using server = await startMetricsServer({
    ...address,
    render,
    failed: (error) => printError(error, session.options),
  });
  session.show(server.url, { url: server.url });
  // To be stopped is how this ends well.
  if (!session.signal.aborted) await once(session.signal, 'abort');
}
