import { randomInt } from 'node:crypto';
import { describeBackup, runBackup } from '../../src/cli/backup.ts';
import { compose } from '../../src/cli/compose.ts';
import type { Composed } from '../../src/cli/context.ts';
import { printError } from '../../src/cli/output.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { engines } from '../../src/engines/index.ts';
import { changeAgama } from './agama.ts';
import { copyElsewhere, drillElsewhere } from './building-burned.ts';
import type { DemoSources } from './demo-config.ts';
import { type DemoContext, say } from './demo-context.ts';
import { assertGoingOn } from './demo-docker.ts';
import { drilled, typed } from './demo-drill.ts';
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
 * ages is set forward. Then Saturday night is drilled, once more from the other place, and agama to an instant by chance.
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
  const { signal } = context;
  const place = { composed, configFile, clock, signal };
  const night = await drilled(place, { name: 'saturday-night', services: [] });
  const copied = await copyElsewhere(composed, clock, signal);
  const burned = copied === 0 ? await drillElsewhere(week.burnedAt, signal) : copied;
  const at = randomHour(week, randomInt(2 ** 32) / 2 ** 32).toISOString();
  const hour = await drilled(place, { name: 'random-hour', services: ['agama'], at });
  process.stdout.write(`${hour.line}\n`);
  return {
    exitStatus: Math.max(night.journal.exitStatus, burned, hour.journal.exitStatus),
    verdictLine: night.line,
  };
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
  typed(configFile, ['backup', ...names, ...(full ? ['--full'] : [])], `${title}, ${at.toISOString().slice(0, 10)}`);
  const { done, failed } = await runBackup(composed, { names, full, atOnce: 2 }, context.signal, true, clock);
  for (const each of done) process.stdout.write(`${describeBackup(each)}\n`);
  for (const { service, error } of failed) printError(error, { service });
  if (failed.length > 0)
    say('a backup failed: without it there is no drill. Mend what it says above, then run: npm run demo');
  return failed.length === 0;
}
