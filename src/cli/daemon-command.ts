import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { readConfig } from '../config/load.ts';
import type { JobObserver } from '../model/job-outcome.ts';
import { type MetricsServer, startMetricsServer } from '../notify/metrics-server.ts';
import { StateMetrics } from '../report/render-state-metrics.ts';
import { channelsOf } from './channels.ts';
import { runDaemon, statusOfOutcomes } from './daemon.ts';
import { about } from './help.ts';
import { printError } from './output.ts';
import type { Session } from './session.ts';
import { tellingOf } from './telling.ts';
import { toldByDaemon } from './told-by-daemon.ts';

const help = about(
  `Makes backups, copies, drills and expiries when schedules of the configuration say so, each as a run of firedrill of its own:
in a night the backup first, then sync, then the drill, and what has expired goes when the drill has passed. What was missed
while the machine was off is made good for, once. Across clock changes there is one night per date, and one increment for
each hour of real time. What has never run is due at once. Runs tell those whom mail
and notify of the configuration name, as with --notify; in the morning follow mail that was not accepted, and the week's digest. The daemon itself
tells of a run that was killed or took too long, and serves metrics where notify.metrics says.

A run that was locked out is tried again after five minutes; one that failed for another reason than a bad backup or the
configuration, after ten and thirty minutes, with what is missing only. A run that takes longer than its deadline is stopped.

What ran is remembered in the folder schedules.state, before and after each run: a daemon that was killed loses nothing,
and what it had begun goes on. One daemon runs for a configuration. It reads the configuration when it begins: restart it
after a change. Its log is a line of JSON for each event, on stdout. SIGTERM and Ctrl-C stop what runs, in order.

It does not check: whether somebody reads its log.`,
  [0, 'it was told to stop; with --once, all that was due went well, or nothing was due'],
  [1, 'what it remembers could not be read or written; with --once also: a run failed'],
  [2, 'wrong usage or configuration, or nothing is scheduled'],
  [3, 'with --once: a drill failed, or a backup is not good'],
  [4, 'with --once: a drill was inconclusive'],
  [5, 'with --once: all went well, but somebody was not told'],
  [10, 'with --once: there was no backup to drill'],
  [11, 'another daemon runs for this configuration; with --once also: a run was locked out, and is due again'],
  [130, 'with --once: it was told to stop before all was done; what was stopped is due again'],
);

export function addDaemon(program: Command, session: Session): void {
  program
    .command('daemon')
    .description('make backups, copies, drills and expiries when they are due')
    .option('--once', 'do what is due now, and end: for a timer of systemd, or cron')
    .addHelpText('after', help)
    .action(async ({ once = false }: { once?: boolean }) => {
      // Of secrets the daemon itself needs those of mail and notify only; each run reads the configuration for itself.
      const { config } = await readConfig(session.configFile, session.engines, session.environment);
      const command = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
      const { screen, signal } = session;
      const observers = await observersOf(config, session);
      await using _metrics = once ? undefined : await metricsOf(config, session);
      const outcomes = await runDaemon(config, { once, command, screen, signal, observers });
      if (once) session.status = statusOfOutcomes(outcomes);
    });
}

async function observersOf(config: Config, session: Session): Promise<JobObserver[]> {
  if (!config.mail && !config.notify) return [];
  return [toldByDaemon(tellingOf(session, await channelsOf(config)))];
}

/** undefined where none are wanted. */
async function metricsOf({ notify, reportsFolder }: Config, session: Session): Promise<MetricsServer | undefined> {
  if (!notify?.metrics) return undefined;
  const state = new StateMetrics(reportsFolder);
  const failed = (error: unknown) => printError(error, session.options);
  return startMetricsServer({ ...notify.metrics, render: () => state.render(), failed });
}
