import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Bench, benchLabel } from '../../scripts/bench/peers/bench.ts';
import type { Row } from '../../scripts/bench/peers/contest.ts';
import { measureInfluxdb } from '../../scripts/bench/peers/measure-influxdb.ts';
import { measureMysql } from '../../scripts/bench/peers/measure-mysql.ts';
import { namedNumbers } from '../../scripts/bench/peers/measurement.ts';
import { docker } from '../../scripts/docker.ts';
import { root } from '../../scripts/image-choice.ts';
import { images } from '../support/images.ts';
import { until } from '../support/until.ts';

const small = { gib: 0.002, shape: 'few', rounds: 1, seed: 1 } as const;

const benchFor = (test: { said: string[]; signal?: AbortSignal }) =>
  Bench.make(images(), test.signal ?? new AbortController().signal, (line) => void test.said.push(line));

const containersOf = async ({ id }: Bench) =>
  (await docker(['ps', '--all', '--quiet', '--filter', `label=${benchLabel}=${id}`])).text;

/** Each has a time, and what it restored was compared. */
function expectTimes(rows: readonly Row[], ids: readonly string[]) {
  expect(rows.map(({ id, problem }) => [id, problem])).to.deep.equal(ids.map((id) => [id, null]));
  for (const { id, seconds, samples } of rows) {
    expect(samples, id).to.have.length(1);
    expect(seconds?.median, id).to.be.within(0.05, 300);
  }
}

describe('npm run bench, in small', function () {
  this.timeout(300_000);

  before(async () => {
    await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: root });
  });

  it('measures MySQL beside its peers, on the same data', async () => {
    const said: string[] = [];
    await using bench = await benchFor({ said });
    const measured = await measureMysql(bench, { ...small, only: ['plain', 'tuned', 'physical'] });
    expectTimes(measured.backup, ['mysqldump', 'physical', 'firedrill']);
    expectTimes(measured.restore, ['plain', 'tuned', 'physical', 'firedrill']);
    expect(measured.data.tables).to.equal(4);
    expect(measured.data.bytes).to.be.within(2e6, 40e6);
    const numbers = namedNumbers([measured]);
    expect(numbers['mysql.restoreRatio']?.timesAsFast?.median).to.be.within(0.05, 20);
    for (const { id, boot, seconds } of measured.restore) {
      expect(boot?.median, id).to.be.within(0.05, (seconds?.median ?? 0) - 0.05);
    }
    expect(numbers['node.peakMemoryBytes']?.drill).to.be.within(50e6, 400e6);
    expect(Object.values(numbers['drill.overheadSeconds'] ?? {})[0]?.median).to.be.within(0.1, 120);
    expect(said).to.include('MySQL: restores');
  });

  it('takes no time of a restore that has not brought all back', async () => {
    await using bench = await benchFor({ said: [] });
    const lost = async () => {
      // As a dump that was cut off between two statements: it loads without an error.
      const script = 'zstd -dc "$1" | grep -v "INSERT INTO .orders" | zstd -q -o "$1.cut"; mv "$1.cut" "$1"';
      await bench.shell(script, [bench.path('dump.sql.zst')]);
    };
    const measured = await measureMysql(bench, { ...small, only: ['plain'], beforeRestores: lost });
    const [plain] = measured.restore;
    expect(plain?.seconds).to.equal(null);
    expect(plain?.problem).to.match(/^wrong: 1 of \d+ values are not as at the source, such as bench\.orders: \d+$/);
    expect(plain?.isFailure).to.equal(true);
  });

  it('measures InfluxDB beside its own tools, on the same data', async () => {
    await using bench = await benchFor({ said: [] });
    const measured = await measureInfluxdb(bench, { points: 5_000, rounds: 1, seed: 1 });
    expectTimes(measured.backup, ['native', 'firedrill']);
    expectTimes(measured.restore, ['native', 'firedrill', 'firedrill-encrypted']);
    expect(namedNumbers([measured])['influxdb.restoreRatio']?.timesAsFast?.median).to.be.within(0.01, 20);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const stop = new AbortController();
    const said: string[] = [];
    const bench = await benchFor({ said, signal: stop.signal });
    const measuring = measureInfluxdb(bench, { points: 2_000_000, rounds: 1, seed: 1 });
    measuring.catch(() => {});
    await until('a container runs', async () => (await containersOf(bench)) || undefined);
    stop.abort();
    const outcome = await measuring.catch((error: Error) => error.name);
    expect(outcome).to.equal('AbortError');
    await bench[Symbol.asyncDispose]();
    expect(await containersOf(bench)).to.equal('');
    expect(existsSync(bench.folder)).to.equal(false);
  });
});
