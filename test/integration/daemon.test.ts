import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { daemonJobs } from '../../src/cli/daemon-jobs.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { readConfig } from '../../src/config/load.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { jobProcesses } from '../../src/daemon/job-process.ts';
import { openLog } from '../../src/daemon/log.ts';
import { makeStateFolder, stateFile } from '../../src/daemon/state-file.ts';
import { isRunning } from '../../src/kit/files.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { daemonOf, endsOf, type LogLine, logOf, reconfigure } from '../support/daemon-company.ts';
import { noTicks } from '../support/daemon-world.ts';
import { fileEngine } from '../support/file-engine.ts';
import { fileCompany } from '../support/firedrill.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;

async function membersOf(company: Awaited<ReturnType<typeof fileCompany>>, ...more: string[]): Promise<string[]> {
  const { stdout } = await company.run(['list', '--json', ...more]);
  const { members } = JSON.parse(stdout) as { members: { service: string; member: string }[] };
  return members.map(({ service, member }) => `${service} ${member.split('-')[0]}`).sort();
}

describe('firedrill daemon', function () {
  this.timeout(180_000);

  it('makes all that has never run, in the order of a night, and then has nothing to do', async () => {
    await using company = await fileCompany('one', 'two');
    const daemon = daemonOf(company);
    const first = await daemon.once();
    expect(first.status, first.stdout + first.stderr).to.equal(0);
    expect(endsOf(first.log)).to.deep.equal(['full ok', 'drill ok', 'expire ok']);
    expect(first.log[0]).to.deep.include({ level: 'info', message: 'the daemon begins', timeZone: 'UTC' });
    expect(await membersOf(company)).to.deep.equal(['one full', 'two full']);
    const [report] = await readdir(join(company.folder, 'reports')).then((names) =>
      names.filter((each) => /nightly/.test(each)),
    );
    const drill = first.log.find(({ job, end }) => job === 'drill' && end);
    expect(drill?.report).to.equal(join(company.folder, 'reports', report ?? ''));
    expect(drill?.message).to.match(/^drill ended well after .*: verdict: pass \| rto: .* \| report: /);
    expect(first.log.find(({ job, end }) => job === 'full' && end)?.message).to.match(/: 2 services backed up$/);
    expect(await daemon.runFolders()).to.deep.equal([]);
    const second = await daemon.once();
    expect(second.status).to.equal(0);
    expect(endsOf(second.log)).to.deep.equal([]);
  });

  it('lives through a day on a clock that a test sets, with real backups, copies, drills and expiries', async () => {
    await using company = await fileCompany('one', 'two');
    await mkdir(join(company.folder, 'far'));
    await directoryVault('far', join(company.folder, 'far')).mark();
    await reconfigure(
      company,
      'services:\n',
      '  far: { kind: directory, folder: far, sameMachineAllowed: true }\nservices:\n',
    );
    await reconfigure(company, 'drill:\n', 'schedules: { hourly: 30 */3 * * * }\ndrill:\n  planted: false\n');
    const configFile = join(company.folder, 'firedrill.yaml');
    const { config } = await readConfig(configFile, [fileEngine], readEnvironment({}));
    const lines: string[] = [];
    const folder = config.schedules.stateFolder;
    await makeStateFolder(folder);
    let now = new Date('2026-11-21T12:00:00.000Z');
    const clock = { now: () => now, monotonicMs: () => performance.now() };
    const main = join(import.meta.dirname, '../support/file-main.ts');
    const command = [process.execPath, main, '--config', configFile, '--json'];
    const daemon = new Daemon({
      ...{ jobs: daemonJobs(config), store: stateFile(folder), observers: [], clock },
      runner: jobProcesses({ command, folder: join(folder, 'runs'), clock }),
      log: openLog((line) => lines.push(line)),
    });
    await daemon.recover();
    const quarterMs = 15 * 60_000;
    for (; now <= new Date('2026-11-22T12:00:00.000Z'); now = new Date(now.getTime() + quarterMs)) {
      await daemon.rest(never, noTicks);
    }
    await daemon.stop();
    const log = logOf(lines.join('\n'));
    expect(log.filter(({ level }) => level !== 'info').map(({ message }) => message)).to.deep.equal([]);
    const night = ['full ok', 'sync ok', 'drill ok', 'expire ok', 'expire-far ok'];
    const hours = (n: number) => Array.from({ length: n }, () => 'hourly ok');
    // From 12:30 to 0:30, and from 3:30 to 9:30.
    expect(endsOf(log)).to.deep.equal([...night, ...hours(5), ...night, ...hours(3)]);
    const each = ['full', 'full', ...Array.from({ length: 8 }, () => 'incr')];
    expect(await membersOf(company)).to.deep.equal([
      ...each.map((kind) => `one ${kind}`),
      ...each.map((kind) => `two ${kind}`),
    ]);
    // The copy was made after each of the two full backups.
    expect((await membersOf(company, '--from', 'far')).filter((name) => name.endsWith('full'))).to.have.length(4);
    const verified = await company.run(['verify']);
    expect(verified.status, verified.stdout).to.equal(0);
  });

  it('stops in order what runs, and goes on with what is missing', async () => {
    await using company = await fileCompany('one', 'two');
    const daemon = daemonOf(company);
    const file = join(company.folder, 'go-on');
    const env = { FIREDRILL_TEST: 'hang-in-restore', FIREDRILL_TEST_FILE: file };
    const started = daemon.start([], env);
    const drill = await daemon.midst('drill', async (folder) =>
      (await readFile(join(folder, 'stderr'), 'utf8')).includes('hanging'),
    );
    const { status, log } = await started.kill('SIGTERM');
    expect(status).to.equal(0);
    expect(isRunning(drill.pid)).to.equal(false);
    expect(endsOf(log)).to.deep.equal(['full ok', 'drill interrupted']);
    expect(log.at(-1)?.message).to.equal('the daemon ends');
    expect((await daemon.memory()).running).to.deep.equal([]);
    const next = await daemon.once();
    expect(next.status, next.stdout).to.equal(0);
    expect(endsOf(next.log)).to.deep.equal(['drill ok', 'expire ok']);
  });

  it('is alone: a second one is told who the first is', async () => {
    await using company = await fileCompany('one');
    const daemon = daemonOf(company);
    const started = daemon.start([]);
    await daemon.midst('full');
    const second = await daemon.once();
    expect(second.status).to.equal(11);
    expect(second.stderr).to.match(
      new RegExp(`the daemon of .*firedrill\\.yaml is locked: daemon by process ${started.child.pid} on`),
    );
    await started.kill('SIGTERM');
  });

  it('comes back to a service that is locked, and says so', async () => {
    await using company = await fileCompany('one', 'two');
    const daemon = daemonOf(company);
    const file = join(company.folder, 'go-on');
    const other = company.start(['backup', 'two'], {
      env: { FIREDRILL_TEST: 'wait-in-backup', FIREDRILL_TEST_FILE: file },
    });
    await new Promise((resolve) => other.child.stderr?.on('data', (text) => /waiting/.test(text) && resolve(true)));
    await reconfigure(company, 'drill:\n', 'schedules: { drill: never }\ndrill:\n');
    const locked = await daemon.once();
    expect(locked.status).to.equal(11);
    const [line] = locked.log.filter(({ end }) => end === 'locked');
    expect(line?.level).to.equal('warn');
    expect(line?.message).to.match(
      /^full was locked out after .*: two .* is locked: backup by process .*; it is tried again at 2/,
    );
    await writeFile(file, '');
    await other.ended;
    const memory = await daemon.memory();
    expect(memory.jobs.full?.open).to.include({ attempts: 1, failures: 0 });
    // Five minutes later, as its clock sees it.
    const past = JSON.stringify(memory).replaceAll(memory.jobs.full?.open?.notBefore ?? '', '2026-01-01T00:00:00.000Z');
    await writeFile(join(company.folder, 'daemon/state.json'), past);
    const again = await daemon.once();
    expect(again.status, again.stdout).to.equal(0);
    expect(again.log.find(({ end }) => end === 'ok')).to.include({ job: 'full', attempt: 2 });
    // What the first try had made is not made again.
    expect((await membersOf(company)).filter((name) => name.startsWith('one'))).to.deep.equal(['one full']);
  });

  it('is not taken along by a run that crashes, and says what a person must do', async () => {
    await using company = await fileCompany('one');
    const daemon = daemonOf(company);
    await reconfigure(company, 'keys/signing.pub', 'keys/other.pub');
    const { status, log } = await daemon.once();
    expect(status).to.equal(2);
    expect(endsOf(log)).to.deep.equal(['full failed', 'drill failed']);
    const [full] = log.filter(({ end }) => end) as (LogLine & { errors: { code: string; hint: string }[] })[];
    expect(full).to.include({ level: 'error', status: 2, retryAt: null });
    expect(full?.errors[0]?.code).to.equal('KEY_INVALID');
    expect(full?.errors[0]?.hint).to.match(/firedrill init --keys/);
  });

  it('says what to type where it cannot remember, and where nothing is scheduled', async () => {
    await using company = await fileCompany('one');
    const state = join(company.folder, 'daemon/state.json');
    await mkdir(join(company.folder, 'daemon'));
    await writeFile(state, 'half of');
    const lost = await company.run(['daemon', '--once']);
    expect(lost.status).to.equal(1);
    expect(lost.stderr).to.match(
      /error \[STATE_INVALID\] what the daemon remembers cannot be read: .*\n {2}next: .*mv .*state\.json/,
    );
    const off = 'full: never, incremental: never, hourly: never, drill: never, expire: never';
    await reconfigure(company, 'drill:\n', `schedules: { ${off} }\ndrill:\n`);
    const nothing = await company.run(['daemon']);
    expect(nothing.status).to.equal(2);
    expect(nothing.stderr).to.match(/error \[USAGE\] nothing is scheduled\n {2}next: Say when, under schedules/);
    expect(existsSync(state)).to.equal(true);
  });

  it('goes on minute by minute until it is told to stop', async () => {
    await using company = await fileCompany('one');
    const daemon = daemonOf(company);
    await reconfigure(company, 'drill:\n', "schedules: { hourly: '* * * * *', drill: never }\ndrill:\n");
    const started = daemon.start([]);
    const hourly = () =>
      until(
        'an increment of the next minute',
        async () => {
          const { jobs } = await daemon.memory();
          return jobs.hourly?.last?.end === 'ok' ? true : undefined;
        },
        100_000,
      );
    await daemon.midst('full');
    await hourly();
    const { status, log } = await started.kill('SIGINT');
    expect(status).to.equal(0);
    expect(endsOf(log).slice(0, 2)).to.deep.equal(['full ok', 'hourly ok']);
  });
});
