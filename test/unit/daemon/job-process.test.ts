import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { jobProcesses } from '../../../src/daemon/job-process.ts';
import type { Run } from '../../../src/daemon/memory.ts';
import { exists, isRunning } from '../../../src/kit/files.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';

const run: Run = {
  ...{ id: 'run-1', job: 'drill', occasion: '2026-11-22T02:15:00.000Z', missed: 0, attempt: 1 },
  startedAt: '2026-11-22T02:15:00.000Z',
  deadlineAt: new Date(Date.now() + 3_600_000).toISOString(),
};

/** Runs are shell scripts: `$2` is the folder for their records, after --run-record. */
async function processes(script: string, graceMs = 5000) {
  const scratch = await scratchFolder();
  const at = (name: string) => join(scratch.path, run.id, name);
  const runner = jobProcesses({ command: ['bash', '-c', script, 'bash'], folder: scratch.path, graceMs });
  return { runner, at, folder: scratch.path, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

/** The owner of a process as the run itself would have recorded it. */
async function ownerOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${hostname()}/${pid}/${start}`;
}

const pidIn = (file: string) =>
  until('that a process says its number', async () => {
    const text = (await exists(file)) ? await readFile(file, 'utf8') : '';
    return /^\d+\n/.test(text) ? Number(text) : undefined;
  });

const recordEnd = `printf '{"status":3,"endedAt":"2026-11-22T02:27:00.000Z","report":"/r"}' > "$2/ended.json"`;

describe('a run in a process of its own', () => {
  it('ends with its exit status, and with the errors that it printed', async () => {
    const errors = [
      { error: { code: 'VAULT_WRITE', message: 'full', hint: 'free space', exitStatus: 1, service: 'agama' } },
      { error: { code: 'HOST_UNREACHABLE', message: 'down', hint: 'doctor' } },
    ];
    const lines = errors.map((error) => `echo '${JSON.stringify(error)}' >&2`).join('; ');
    await using given = await processes(`echo noise >&2; ${lines}; echo '{"error":' >&2; echo out; exit 1`);
    const end = await (await given.runner.start(run, [])).ended;
    expect(end).to.deep.include({ status: 1, stopped: null, report: null });
    expect(end.errors).to.deep.equal([
      { code: 'VAULT_WRITE', message: 'full', hint: 'free space', service: 'agama' },
      { code: 'HOST_UNREACHABLE', message: 'down', hint: 'doctor', service: null },
    ]);
    expect(Math.abs(Date.parse(end.endedAt) - Date.now())).to.be.below(60_000);
    expect(await readFile(given.at('stdout'), 'utf8')).to.equal('out\n');
    await given.runner.forget(run.id);
    expect(await readdir(given.folder)).to.deep.equal([]);
  });

  it('is given its arguments, and the folder for its records', async () => {
    await using given = await processes('printf "%s|" "$@"');
    await (await given.runner.start(run, ['backup', '--full'])).ended;
    expect(await readFile(given.at('stdout'), 'utf8')).to.equal(
      `backup|--full|--run-record|${join(given.folder, run.id)}|`,
    );
  });

  it('believes what it recorded of its end, with its report', async () => {
    await using given = await processes(`${recordEnd}; kill -9 $$`);
    const end = await (await given.runner.start(run, [])).ended;
    expect(end).to.deep.include({ status: 3, endedAt: '2026-11-22T02:27:00.000Z', report: '/r' });
  });

  it('has no status when it is killed, when its record is no record, and when it cannot be started', async () => {
    await using killed = await processes('kill -9 $$');
    expect((await (await killed.runner.start(run, [])).ended).status).to.equal(null);
    await using broken = await processes('printf "{" > "$2/ended.json"; kill -9 $$');
    expect((await (await broken.runner.start(run, [])).ended).status).to.equal(null);
    const runner = jobProcesses({ command: ['/nowhere/firedrill'], folder: killed.folder });
    const end = await (await runner.start(run, [])).ended;
    expect(end.status).to.equal(null);
    expect(end.errors[0]?.message).to.match(/^it cannot be started: .*ENOENT/);
  });

  it('is told to stop in order, and only it, by SIGTERM', async () => {
    await using given = await processes('trap "exit 130" TERM; echo $$ > "$2/pid"; while :; do sleep 0.05; done');
    const started = await given.runner.start(run, []);
    await pidIn(given.at('pid'));
    started.stop();
    started.stop();
    expect(await started.ended).to.include({ status: 130, stopped: 'order' });
  });

  it('is stopped at its deadline, and killed with all that it started where it does not obey', async () => {
    const script = 'trap "" TERM; sleep 600 & echo $! > "$2/child"; echo $$ > "$2/pid"; wait; wait';
    await using given = await processes(script, 300);
    const deadlineAt = new Date(Date.now() + 400).toISOString();
    const started = await given.runner.start({ ...run, deadlineAt }, []);
    const child = await pidIn(given.at('child'));
    expect(await started.ended).to.include({ status: null, stopped: 'deadline' });
    await until('that its child is gone', async () => (isRunning(child) ? undefined : true));
  });

  it('may have a deadline that is farther away than a timer reaches', async () => {
    await using given = await processes('sleep 0.2; exit 0');
    const deadlineAt = new Date(Date.now() + 400 * 86_400_000).toISOString();
    expect(await (await given.runner.start({ ...run, deadlineAt }, [])).ended).to.include({ status: 0, stopped: null });
  });
});

describe('a run that an earlier daemon began', () => {
  /** A process that is no child of the runner's, and recorded that it began. */
  async function orphan(script: string, graceMs = 5000) {
    const given = await processes('', graceMs);
    await mkdir(join(given.folder, run.id));
    const child = spawn('bash', ['-c', script, 'bash', '--run-record', join(given.folder, run.id)], {
      detached: true,
      stdio: 'ignore',
    });
    await once(child, 'spawn');
    await writeFile(given.at('begun.json'), JSON.stringify({ owner: await ownerOf(child.pid ?? 0) }));
    return { ...given, child };
  }

  it('is waited for, and ends as it recorded', async () => {
    await using given = await orphan(`sleep 0.6; ${recordEnd}`);
    const began = performance.now();
    const end = await (await given.runner.adopt(run)).ended;
    expect(performance.now() - began).to.be.greaterThan(300);
    expect(end).to.deep.include({ status: 3, stopped: null, report: '/r', endedAt: '2026-11-22T02:27:00.000Z' });
  });

  it('died when it is gone without a record', async () => {
    await using given = await orphan('sleep 0.3; kill -9 $$');
    expect(await (await given.runner.adopt(run)).ended).to.include({ status: null, stopped: null });
  });

  it('can be told to stop, and is killed at its deadline, which passed meanwhile', async () => {
    await using obedient = await orphan('trap "exit 0" TERM; while :; do sleep 0.05; done');
    await sleep(200);
    const started = await obedient.runner.adopt(run);
    started.stop();
    expect(await started.ended).to.include({ status: null, stopped: 'order' });
    await using deaf = await orphan('trap "" TERM; while :; do sleep 0.05; done', 200);
    await sleep(200);
    const late = await deaf.runner.adopt({ ...run, deadlineAt: '2026-11-22T02:16:00.000Z' });
    expect(await late.ended).to.include({ status: null, stopped: 'deadline' });
  });

  it('died when it was another host’s, or has another process’s number now', async () => {
    await using given = await orphan('sleep 600');
    const { pid = 0 } = given.child;
    for (const owner of [`elsewhere/${pid}/1`, `${hostname()}/${pid}/1`]) {
      await writeFile(given.at('begun.json'), JSON.stringify({ owner }));
      const started = await given.runner.adopt(run);
      started.stop();
      expect(await started.ended, owner).to.include({ status: null });
      expect(isRunning(pid), 'nobody else is killed').to.equal(true);
    }
    process.kill(-pid, 'SIGKILL');
  });

  it('died when only its intention was written down, and begins nothing any more', async () => {
    await using given = await processes('');
    expect(await (await given.runner.adopt(run)).ended).to.include({ status: null, stopped: null });
    await mkdir(join(given.folder, run.id));
    expect(await (await given.runner.adopt(run)).ended).to.include({ status: null, stopped: null });
    expect(await readdir(given.folder)).to.deep.equal([]);
  });
});
