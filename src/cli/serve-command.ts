import { once } from 'node:events';
import type { Command } from 'commander';
import { FiredrillError } from '../kit/errors.ts';
import { ReportServer } from '../serve/report-server.ts';
import { about } from './help.ts';
import type { Session } from './session.ts';

const defaultPort = 9478;

const help = about(
  `Serves the index of all drills and their reports on 127.0.0.1, and shows a running drill while it runs: how far each service has
come, and its report when it has ended. A running game day is there with its clock, for those who have no terminal at hand. It goes on until Ctrl-C or SIGTERM.

It changes nothing, starts no drill, and needs no secret. Whoever has an account on this machine can read the reports as long as it
runs. To read them from another machine, forward the port: ssh -L ${defaultPort}:127.0.0.1:${defaultPort} <machine>`,
  [0, 'it was stopped'],
  [1, 'it could not listen at that port'],
  2,
);

export function addServe(program: Command, session: Session): void {
  program
    .command('serve')
    .description('show reports, running drills and the running game day to browsers on this machine')
    .option('--port <number>', `where it listens; 0: any that is free (default: ${defaultPort})`)
    .addHelpText('after', help)
    .action(({ port }: { port?: string }) => serve(session, port === undefined ? defaultPort : parsePort(port)));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new FiredrillError('USAGE', `--port takes a number from 0 to 65535, not: ${text}`);
}

async function serve(session: Session, port: number): Promise<void> {
  const { reportsFolder, gameDaysFolder, timeZone } = await session.configForReading();
  await using server = await ReportServer.start({ reportsFolder, gameDaysFolder, timeZone }, port);
  session.show(server.url, { url: server.url });
  if (!session.signal.aborted) await once(session.signal, 'abort');
}
