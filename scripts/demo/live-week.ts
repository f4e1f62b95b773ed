import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import { styleText } from 'node:util';
import { describeBackup, runBackup } from '../../src/cli/backup.ts';
import { compose } from '../../src/cli/compose.ts';
import type { Composed } from '../../src/cli/context.ts';
import { type DrillOptions, runDrill } from '../../src/cli/drill.ts';
import { printError } from '../../src/cli/output.ts';
import { shownPath } from '../../src/cli/shown-path.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { engines } from '../../src/engines/index.ts';
import { plainLine } from '../../src/kit/text.ts';
import type { Journal } from '../../src/model/journal.ts';
import { keepReceipt } from '../../src/report/ledger.ts';
import { renderText } from '../../src/report/render-text.ts';
import { verdictLine } from '../../src/report/verdict-line.ts';
import { writeReports } from '../../src/report/write-reports.ts';
import { changeAgama } from './agama.ts';
import type { DemoSources } from './demo-config.ts';
import { type DemoContext, say } from './demo-context.ts';
import { assertGoingOn } from './demo-docker.ts';
import { configFile } from './demo-folder.ts';
import { changeGrafana } from './grafana.ts';
import { changeInfluxdb } from './influxdb.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { type planWeek, randomHour, type WeekMoment } from './week-plan.ts';

export interface WeekEnd {
  exitStatus: number;
  verdictLine: string | undefined;
}

type Week = ReturnType<typeof planWeek>;

/**
 * A week in minutes: between the backups the company goes on working, and the clock that names backups and judges their
 * ages is set forward. Then Saturday night is drilled, and agama once more, to an instant by chance.
 */
export async function liveWeek(context: DemoContext, sources: DemoSources, week: Week): Promise<WeekEnd> {
  const environment = readEnvironment();
  const config = await loadConfig(configFile, engines, environment);
  const composed = await compose(config, { engines, dockerHost: environment.dockerHost });
  const clock = new SimulatedClock();
  for (const moment of week.moments) {
    assertGoingOn(context.signal);
    clock.set(moment.at);
    if (!(await backUp(composed, context, sources, moment, clock))) return { exitStatus: 1, verdictLine: undefined };
  }
  clock.set(week.drillAt);
  const night = await drilled(composed, { name: 'saturday-night', services: [] }, context, clock);
  const at = randomHour(week, randomInt(2 ** 32) / 2 ** 32).toISOString();
  const hour = await drilled(composed, { name: 'random-hour', services: ['agama'], at }, context, clock);
  return { exitStatus: Math.max(night.journal.exitStatus, hour.journal.exitStatus), verdictLine: night.line };
}

async function backUp(
  composed: Composed,
  context: DemoContext,
  sources: DemoSources,
  moment: WeekMoment,
  clock: SimulatedClock,
): Promise<boolean> {
  const { title, at, changes, services: names = [], full } = moment;
  if (changes !== null) {
    await changeAgama(context, changes, at);
    if (names.length === 0)
      await Promise.all([changeInfluxdb(context, sources.influxdb, at), changeGrafana(sources.grafana, title)]);
  }
  shown(['backup', ...names, ...(full ? ['--full'] : [])], `${title}, ${at.toISOString().slice(0, 10)}`);
  const { done, failed } = await runBackup(composed, { names, full, atOnce: 2 }, context.signal, true, clock);
  for (const each of done) process.stdout.write(`${describeBackup(each)}\n`);
  for (const { service, error } of failed) printError(error, { service });
  if (failed.length > 0)
    say('a backup failed: without it there is no drill. Mend what it says above, then run: npm run demo');
  return failed.length === 0;
}

async function drilled(
  composed: Composed,
  options: DrillOptions,
  context: DemoContext,
  clock: SimulatedClock,
): Promise<{ journal: Journal; line: string }> {
  const { name, services, at } = options;
  const chosen = services.length === 0 ? [] : ['--service', ...services];
  shown(['drill', name, ...chosen, ...(at === undefined ? [] : ['--at', at])], clock.now().toISOString().slice(0, 16));
  const journal = await runDrill(composed, options, context.signal, true, clock);
  const { html, folder } = await writeReports(journal, composed.reportsFolder);
  // Not signed: the next demo has other keys, and the same ledger.
  await keepReceipt(composed.reportsFolder, basename(folder), undefined);
  const line = plainLine(verdictLine(journal, shownPath(html)));
  process.stdout.write(`${renderText(journal)}\n${at === undefined ? '' : `${line}\n`}`);
  return { journal, line };
}

/** What a user would have typed then. */
function shown(args: readonly string[], when: string): void {
  const typed = `$ firedrill --config ${shownPath(configFile)} ${args.join(' ')}`;
  const { stdout } = process;
  stdout.write(
    `\n${styleText('bold', typed, { stream: stdout })}   ${styleText('dim', `# ${when}`, { stream: stdout })}\n`,
  );
}
