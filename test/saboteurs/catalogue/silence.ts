import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { daemonJobs } from '../../../src/cli/daemon-jobs.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { exampleConfig } from '../../../src/config/example.ts';
import { readConfig } from '../../../src/config/load.ts';
import type { Job } from '../../../src/daemon/job.ts';
import { engines } from '../../../src/engines/index.ts';
import { formatDuration } from '../../../src/kit/units.ts';
import type { Journal } from '../../../src/model/journal.ts';
import { StateMetrics } from '../../../src/report/render-state-metrics.ts';
import { type Alarm, alarmsOf, type Scraped } from '../../support/alarms.ts';
import { jobMinutes, SimulatedNights } from '../../support/daemon-jobs.ts';
import { drillId, reportsOf } from '../../support/reports.ts';
import { scratchFolder } from '../../support/scratch.ts';
import type { Saboteur, Scene, Seen } from '../saboteur.ts';

const hourMs = 3_600_000;

/** A Monday, a noon between two nights, and the end of the week. */
const [begin, noon, end] = ['2026-11-23T00:00:00Z', '2026-11-25T12:00:00Z', '2026-11-28T00:00:00Z'] as const;

/** The daemon's jobs by the example configuration, with these schedules. */
async function jobsWith(schedules: string): Promise<Job[]> {
  await using scratch = await scratchFolder();
  const file = join(scratch.path, 'firedrill.yaml');
  await writeFile(file, exampleConfig().replace(/^schedules:\n( .*\n)+/m, `schedules: ${schedules}\n`));
  return daemonJobs((await readConfig(file, engines, readEnvironment({}))).config);
}

/** The ends of jobs of this name, when the daemon works by `before`, and from noon on by `after`; null: not at all. */
async function endsOf(name: string, before: string, after: string | null): Promise<string[]> {
  const minutes = ({ job }: { job: Job }) => ({ minutes: jobMinutes[job.name] ?? 1 });
  const nights = new SimulatedNights(await jobsWith(before), begin, minutes).runUntil(noon);
  const done = [...nights.done];
  if (after !== null) {
    const later = new SimulatedNights(await jobsWith(after), noon, minutes);
    later.memory = nights.memory;
    done.push(...later.runUntil(end).done);
  }
  return done.flatMap(({ job, endedAt }) => (job === name ? [endedAt] : []));
}

/** The same drill, as it would have been at another time. */
function drilledAt(journal: Journal, finishedAt: string): Journal {
  const { drill } = journal;
  const tookMs = Date.parse(drill.finishedAt) - Date.parse(drill.startedAt);
  const startedAt = new Date(Date.parse(finishedAt) - tookMs).toISOString();
  return {
    ...journal,
    drill: { ...drill, id: drillId(startedAt, 'nightly'), name: 'nightly', startedAt, finishedAt, asOf: startedAt },
  };
}

/** What firedrill itself says of drills that ended then, each time that one had. */
async function scrapesOf(journal: Journal, ends: readonly string[]): Promise<Scraped[]> {
  const scraped: Scraped[] = [{ at: begin, text: '' }];
  for (const [i, at] of ends.entries()) {
    await using reports = await reportsOf(...ends.slice(0, i + 1).map((each) => drilledAt(journal, each)));
    scraped.push({ at, text: await new StateMetrics(reports.folder).render() });
  }
  return scraped;
}

/** The alarm must not ring while there are drills; and when there are none it must soon, and until the end. */
function told(calm: readonly Alarm[], alarms: readonly Alarm[], since: string, withinMs: number): Seen {
  const [first, last] = [alarms[0], alarms.at(-1)];
  if (calm[0]) return { verdict: 'harm', report: `it rang at ${calm[0].at} though there were drills` };
  if (!first || !last) return { verdict: 'harm', report: 'nobody was told' };
  const [afterMs, leftMs] = [Date.parse(first.at) - Date.parse(since), Date.parse(end) - Date.parse(last.at)];
  const count = (Date.parse(last.at) - Date.parse(first.at)) / 300_000 + 1;
  const isTold = afterMs <= withinMs && leftMs <= 600_000 && count === alarms.length;
  const report = `FiredrillSilent, ${formatDuration(afterMs)} after the last sign of life: ${first.summary}`;
  return { verdict: isTold ? 'prevented' : 'harm', report };
}

async function passed(scene: Scene): Promise<Journal> {
  const journal = await scene.drill();
  if (journal.verdict.verdict !== 'pass') throw new Error(`the drill did not pass: ${journal.verdict.sentence}`);
  return journal;
}

const byDefault = '{}';
/** After a beginning without any drill. */
const sinceFirst = (scraped: readonly Scraped[]) => scraped.slice(1);
const ring = (scraped: readonly Scraped[]) => alarmsOf('FiredrillSilent', sinceFirst(scraped), end);

/** Nobody inside can tell that nothing happens any more: somebody elsewhere must. */
export const silence: readonly Saboteur[] = [
  {
    ...{ id: 'S73', level: 'E', services: ['grafana'] },
    injects: 'the schedule of drills is switched off, and backups and metrics go on',
    inject: async () => {},
    run: async (scene) => {
      const journal = await passed(scene);
      const ends = await endsOf('drill', byDefault, '{ drill: never }');
      const backups = await endsOf('incremental', byDefault, '{ drill: never }');
      if ((backups.at(-1) ?? '') < (ends.at(-1) ?? '')) throw new Error('the backups were switched off as well');
      const calm = await ring(await scrapesOf(journal, await endsOf('drill', byDefault, byDefault)));
      return told(calm, await ring(await scrapesOf(journal, ends)), ends.at(-1) ?? begin, 31 * hourMs);
    },
    expect: {
      verdict: 'prevented',
      by: 'the alert rules',
      service: null,
      sentence: /^FiredrillSilent, 1 d 6 h after the last sign of life: There was no drill in the last 30 hours\.$/,
    },
  },
  {
    ...{ id: 'S73', level: 'E', services: ['grafana'] },
    injects: 'the machine that drills is gone, and its metrics with it',
    inject: async () => {},
    run: async (scene) => {
      const journal = await passed(scene);
      const calm = await ring(await scrapesOf(journal, await endsOf('drill', byDefault, byDefault)));
      const scraped = await scrapesOf(journal, await endsOf('drill', byDefault, null));
      return told(calm, await ring([...scraped, { at: noon, text: null }]), noon, hourMs);
    },
    expect: {
      verdict: 'prevented',
      by: 'the alert rules',
      service: null,
      sentence: /^FiredrillSilent, [12]\d m after the last sign of life: There was no drill in the last 30 hours\.$/,
    },
  },
];
