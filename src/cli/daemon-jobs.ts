import type { Config, MailConfig, SchedulesConfig } from '../config/config.ts';
import { weekdays } from '../config/notify-schema.ts';
import type { After, Job } from '../daemon/job.ts';
import { Occasions } from '../daemon/occasions.ts';
import { type Cron, parseCron } from '../kit/cron.ts';
import { exitStatus, FiredrillError } from '../kit/errors.ts';

const dayMs = 86_400_000;

/** What no two jobs use at a time. A drill may run beside a backup; an expiry would take away what the others work with. */
const uses = {
  backup: ['backup'],
  sync: ['sync'],
  drill: ['drill'],
  expire: ['backup', 'sync', 'drill'],
  mail: ['mail'],
};
const mailMs = 3_600_000;

/** Drills look at what their own night has made. */
const nightFirst = ['full', 'incremental', 'sync'];

/** The jobs of a configuration's nights, by rank: backup, sync, drill, expire; and the mail of its mornings. */
export function daemonJobs(config: Config): Job[] {
  const { schedules, services, vaults, mail, notify, timeZone } = config;
  const jobs = new JobList(timeZone);
  const { deadlines, buildingBurned: burned } = schedules;
  const telling = mail || notify ? ['--notify'] : [];
  const hourly = services.filter(({ objectives }) => objectives.rpoMs < dayMs).map(({ service }) => service);
  const backup = (...args: string[]) => backupOf([...args, ...telling], deadlines.backupMs);
  jobs.add('full', schedules.full, { ...backup('--full'), covers: ['incremental', 'hourly'] });
  jobs.add('incremental', schedules.incremental, { ...backup(), covers: ['hourly'] });
  if (hourly.length > 0) jobs.add('hourly', schedules.hourly, backup(...hourly));

  const [first, ...others] = vaults.map(({ label }) => label);
  if (others.length > 0) {
    jobs.add('sync', syncWhen(schedules), jobOf(['sync', ...telling], deadlines.syncMs, uses.sync));
  }
  const drill = (...args: string[]) => jobOf(['drill', ...args, ...telling], deadlines.drillMs, uses.drill, nightFirst);
  jobs.add('drill', schedules.drill, drill('nightly'));
  for (const label of [first, ...others]) {
    const [name, of] = label === first ? ['expire', []] : [`expire-${label}`, ['--vault', label ?? '']];
    const expire = jobOf(['expire', ...of, ...telling], deadlines.expireMs, uses.expire, [...nightFirst, 'drill']);
    jobs.add(name, expireWhen(schedules), expire);
  }
  if (burned) {
    const from = ['--from', burned.from, '--identity', burned.identityFile];
    jobs.add('building-burned', burned.when, drill('building-burned', ...from));
  }
  if (mail) addMail(jobs, mail.digest);
  return jobs.all;
}

/** Mail that was not accepted at night, and the mail about a week: at its first time, and not when the daemon is new. */
function addMail(jobs: JobList, digest: MailConfig['digest']): void {
  const send = (...args: string[]) => ({ ...jobOf(['report', ...args], mailMs, uses.mail), canWait: true });
  jobs.add('send-missed', cronOf('45 7 * * *'), send('send', '--missed'));
  if (digest !== undefined) jobs.add('digest', cronOf(`0 8 * * ${weekdays.indexOf(digest) + 1}`), send('digest'));
}

function cronOf(text: string): Cron {
  const cron = parseCron(text);
  if (!cron) throw new FiredrillError('INTERNAL', `${text} is no cron expression`);
  return cron;
}

function backupOf(args: readonly string[], deadlineMs: number): Omit<Job, 'name' | 'when'> {
  return {
    ...jobOf([], deadlineMs, uses.backup),
    args: (missingSince) => ['backup', ...args, ...(missingSince === null ? [] : ['--missing-since', missingSince])],
  };
}

function jobOf(
  args: readonly string[],
  deadlineMs: number,
  used: readonly string[],
  waitsFor: readonly string[] = [],
): Omit<Job, 'name' | 'when'> {
  return { args: () => args, deadlineMs, uses: used, waitsFor, covers: [], canWait: false };
}

function syncWhen({ sync }: SchedulesConfig): Cron | After | null {
  return sync === 'after-backup' ? { jobs: ['full', 'incremental'], statuses: 'any' } : sync;
}

function expireWhen({ expire }: SchedulesConfig): Cron | After | null {
  return expire === 'after-drill' ? { jobs: ['drill'], statuses: [exitStatus.pass, exitStatus.notTold] } : expire;
}

class JobList {
  readonly all: Job[] = [];
  readonly #timeZone: string;

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  add(name: string, when: Cron | After | null, job: Omit<Job, 'name' | 'when'>): void {
    if (when === null) return;
    this.all.push({ ...job, name, when: 'jobs' in when ? when : new Occasions(when, this.#timeZone) });
  }
}
