import { join } from 'node:path';
import { expect } from 'chai';
import { statusOfOutcomes } from '../../../src/cli/daemon.ts';
import { daemonJobs } from '../../../src/cli/daemon-jobs.ts';
import type { Config } from '../../../src/config/config.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { exampleConfig } from '../../../src/config/example.ts';
import { readConfig } from '../../../src/config/load.ts';
import { isAfter, type Job } from '../../../src/daemon/job.ts';
import { engines } from '../../../src/engines/index.ts';
import type { JobOutcome } from '../../../src/model/job-outcome.ts';
import { fileWith } from '../../support/scratch.ts';

const nearby = '  onsite: { kind: directory, folder: vault }\n';
const offsite = '  offsite: { kind: directory, folder: /far }\n';

/** The example with another vault, and with other schedules where some are given. */
async function configWith(schedules?: string): Promise<Config> {
  const text = exampleConfig().replace(nearby, nearby + offsite);
  await using given = await fileWith(
    'firedrill.yaml',
    schedules === undefined ? text : text.replace(/^schedules:\n( .*\n)+/m, schedules),
  );
  return (await readConfig(given.file, engines, readEnvironment({}))).config;
}

const shortly = (job: Job) => [
  job.name,
  isAfter(job.when)
    ? `after ${job.when.jobs}: ${job.when.statuses}`
    : job.when.next(new Date('2026-11-21T23:00:00Z'))?.toISOString(),
  job.args(null).join(' '),
];

describe('the jobs of a configuration', () => {
  it('are by default the nights of the example, backup, sync, drill and expire', async () => {
    const wanted = [
      ['full', '2026-11-22T01:30:00.000Z', 'backup --full --notify'],
      ['incremental', '2026-11-23T01:30:00.000Z', 'backup --notify'],
      ['hourly', '2026-11-21T23:30:00.000Z', 'backup agama --notify'],
      ['sync', 'after full,incremental: any', 'sync --notify'],
      ['drill', '2026-11-22T02:15:00.000Z', 'drill nightly --notify'],
      ['expire', 'after drill: 0,5', 'expire --notify'],
      ['expire-offsite', 'after drill: 0,5', 'expire --vault offsite --notify'],
      ['send-missed', '2026-11-22T07:45:00.000Z', 'report send --missed'],
      ['digest', '2026-11-23T08:00:00.000Z', 'report digest'],
    ];
    expect(daemonJobs(await configWith()).map(shortly)).to.deep.equal(wanted);
    expect(daemonJobs(await configWith('')).map(shortly)).to.deep.equal(wanted);
  });

  it('are what the configuration says, in its time zone', async () => {
    const config = await configWith(`schedules:
  full: never
  hourly: never
  sync: 45 * * * *
  expire: 0 6 * * *
  buildingBurned: { when: 0 5 1 * *, identity: escrow.key }
  deadlines: { drill: 90m }
`);
    const jobs = daemonJobs({ ...config, timeZone: 'America/New_York', mail: undefined });
    const key = join(config.schedules.stateFolder, '../escrow.key');
    expect(jobs.map(shortly)).to.deep.equal([
      ['incremental', '2026-11-23T06:30:00.000Z', 'backup'],
      ['sync', '2026-11-21T23:45:00.000Z', 'sync'],
      ['drill', '2026-11-22T07:15:00.000Z', 'drill nightly'],
      ['expire', '2026-11-22T11:00:00.000Z', 'expire'],
      ['expire-offsite', '2026-11-22T11:00:00.000Z', 'expire --vault offsite'],
      ['building-burned', '2026-12-01T10:00:00.000Z', `drill building-burned --from offsite --identity ${key}`],
    ]);
    expect(jobs.find(({ name }) => name === 'drill')?.deadlineMs).to.equal(5_400_000);
    expect(jobs.find(({ name }) => name === 'sync')?.deadlineMs).to.equal(43_200_000);
  });

  it('are none where nothing is scheduled, or nothing can be', async () => {
    const never = 'full: never, incremental: never, hourly: never, drill: never, expire: never, sync: never';
    const idle = await configWith(`schedules: { ${never} }\n`);
    expect(daemonJobs({ ...idle, mail: undefined })).to.deep.equal([]);
    const config = await configWith();
    const daily = config.services.map((each) => ({ ...each, objectives: { ...each.objectives, rpoMs: 86_400_000 } }));
    const one = daemonJobs({ ...config, mail: undefined, services: daily, vaults: config.vaults.slice(0, 1) });
    expect(one.map(({ name }) => name)).to.deep.equal(['full', 'incremental', 'drill', 'expire']);
  });

  it('make up for a run that failed with what is missing only', async () => {
    const jobs = daemonJobs(await configWith());
    const again = jobs.map((job) => job.args('2026-11-22T01:30:05.000Z').join(' '));
    expect(again.slice(0, 4)).to.deep.equal([
      'backup --full --notify --missing-since 2026-11-22T01:30:05.000Z',
      'backup --notify --missing-since 2026-11-22T01:30:05.000Z',
      'backup agama --notify --missing-since 2026-11-22T01:30:05.000Z',
      'sync --notify',
    ]);
  });

  it('name only jobs that there are, each after those that it waits for', async () => {
    const burned = 'schedules: { buildingBurned: { identity: escrow.key } }\n';
    const jobs = daemonJobs(await configWith(burned));
    const names = jobs.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    jobs.forEach(({ name, waitsFor, covers, when }, rank) => {
      const before = [...waitsFor, ...(isAfter(when) ? when.jobs : [])];
      for (const other of before) expect(names.indexOf(other), `${name} ${other}`).to.be.within(0, rank - 1);
      for (const other of covers) expect(names.indexOf(other), `${name} ${other}`).to.be.above(rank);
    });
  });
});

describe('what a daemon ends with that runs once', () => {
  const outcome = (job: string, end: JobOutcome['end'], status: number | null) => ({ job, end, status }) as JobOutcome;

  it('is 0 when all went well in the end, and else the worst', () => {
    const cases: [JobOutcome[], number][] = [
      [[], 0],
      [[outcome('full', 'ok', 0), outcome('drill', 'ok', 0)], 0],
      [[outcome('full', 'died', null), outcome('full', 'ok', 0)], 0],
      [[outcome('full', 'locked', 11), outcome('drill', 'failed', 3)], 3],
      [[outcome('full', 'failed', 1), outcome('drill', 'failed', 4)], 1],
      [[outcome('drill', 'failed', 4), outcome('hourly', 'locked', 11)], 4],
      [[outcome('hourly', 'locked', 11)], 11],
      [[outcome('full', 'died', null)], 1],
      [[outcome('full', 'deadline', 130)], 1],
      [[outcome('full', 'failed', 2)], 2],
      [[outcome('drill', 'failed', 5)], 5],
      [[outcome('drill', 'failed', 5), outcome('full', 'failed', 1)], 1],
      [[outcome('drill', 'interrupted', 130)], 130],
    ];
    for (const [outcomes, status] of cases)
      expect(statusOfOutcomes(outcomes), JSON.stringify(outcomes)).to.equal(status);
  });
});
