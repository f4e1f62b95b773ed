import { expect } from 'chai';
import { differenceOf } from '../../../scripts/bench/peers/difference.ts';
import { neededBytes } from '../../../scripts/bench/peers/disk.ts';
import { busySeconds, startedSeconds } from '../../../scripts/bench/peers/firedrill.ts';
import { lineBodies, pointsByMeasurement, telegrafSeries } from '../../../scripts/bench/peers/influxdb-data.ts';
import { mysqlDataPlan, shapes } from '../../../scripts/bench/peers/mysql-data.ts';
import { peersOptions } from '../../../scripts/bench/peers/options.ts';

const mib = 1024 ** 2;

describe("a measurement's data", () => {
  it('is the same for the same seed, and another for another', () => {
    for (const shape of shapes) {
      const plan = (seed: number) => mysqlDataPlan(shape, 10 * mib, seed, 20);
      expect(plan(1), shape).to.deep.equal(plan(1));
      expect(plan(1).lanes, shape).to.not.deep.equal(plan(2).lanes);
    }
    expect([...lineBodies(5000, 1)]).to.deep.equal([...lineBodies(5000, 1)]);
    expect([...lineBodies(5000, 1)]).to.not.deep.equal([...lineBodies(5000, 2)]);
  });

  it('has as many tables as its shape says, on two lanes', () => {
    const tables = (shape: (typeof shapes)[number]) =>
      mysqlDataPlan(shape, 10 * mib, 1).lanes.map(
        (lane) => lane.filter((each) => each.startsWith('CREATE TABLE')).length,
      );
    expect(shapes.map(tables)).to.deep.equal([
      [2, 2],
      [5000, 5000],
      [1, 1],
      [1, 1],
    ]);
  });

  it('has exactly as many points as were asked for, each of them once', () => {
    const lines = [...lineBodies(25_001, 1)].flatMap((body) => body.split('\n'));
    expect(lines).to.have.length(25_001);
    expect(new Set(lines.map((line) => line.replace(/ .* /, ' '))).size).to.equal(25_001);
    for (const [name, expected] of pointsByMeasurement(25_001)) {
      expect(lines.filter((line) => line.startsWith(`${name},`)).length, name).to.equal(expected);
    }
    expect(telegrafSeries()).to.have.length(1020);
  });

  it('differs when a value is missing, another or one more, or when there is none', () => {
    expect(differenceOf(['a\t1', 'b\t2'], ['b\t2', 'a\t1'])).to.equal(undefined);
    expect(differenceOf(['a\t1', 'b\t2'], ['a\t1']))
      .to.include('1 of 2 values')
      .and.to.include('b: 2');
    expect(differenceOf(['a\t1'], ['a\t2'])).to.include('a: 1');
    expect(differenceOf(['a\t1'], ['a\t1', 'c\t3'])).to.include('c: 3');
    expect(differenceOf([], [])).to.equal('there was nothing to compare with');
  });
});

describe("an engine's work", () => {
  it('counts once where two processes worked side by side', () => {
    const at = (startMs: number, endMs: number) => ({ startMs, endMs });
    expect(busySeconds([at(4000, 6000), at(0, 2000), at(1000, 3000), at(4500, 5000)])).to.equal(5);
    expect(busySeconds([])).to.equal(0);
  });

  it('begins when its server has started', () => {
    const of = (label: string, endMs: number) => ({ label, endMs });
    expect(startedSeconds([of('initialise', 900), of('start', 1500), of('load', 9000)])).to.equal(1.5);
    expect(startedSeconds([of('start InfluxDB', 700), of('influxd restore', 9000)])).to.equal(0.7);
    expect(startedSeconds([of('restart', 700)])).to.equal(undefined);
  });
});

describe("a measurement's options", () => {
  it('are for ten minutes when nothing is said', () => {
    expect(peersOptions([])).to.deep.equal({
      ...{
        engines: ['mysql', 'influxdb'],
        shape: 'few',
        gib: 0.2,
        points: 1e6,
        rounds: 3,
        seed: 1,
        only: [],
        write: false,
      },
    });
  });

  it('know thousands and millions', () => {
    const args = ['--points', '50m', '--engine', 'influxdb', '--only', 'plain,firedrill', '--write'];
    expect(peersOptions(args)).to.deep.include({
      ...{ points: 50e6, engines: ['influxdb'], only: ['plain', 'firedrill'], write: true },
    });
    expect(peersOptions(['--points', '200k']).points).to.equal(200_000);
  });

  it('are refused when they make no sense', () => {
    for (const args of [
      ...[
        ['--gib', '0'],
        ['--gib', 'x'],
        ['--points', '1g'],
        ['--rounds', '1.5'],
        ['--shape', 'round'],
      ],
      ...[['--engine', 'postgres'], ['large'], ['--what']],
    ]) {
      expect(() => peersOptions(args), args.join(' ')).to.throw();
    }
  });

  it('say how much of the disk they take', () => {
    const of = { engines: ['mysql', 'influxdb'], gib: 10, shape: 'few', points: 1e6 } as const;
    const needed = (other: Partial<Parameters<typeof neededBytes>[0]>) => neededBytes({ ...of, ...other }) / 1024 ** 3;
    expect(needed({})).to.equal(64);
    expect(needed({ shape: 'blobs' })).to.equal(84);
    expect(needed({ gib: 0.2, points: 1e9 })).to.be.greaterThan(90);
    expect(needed({ engines: ['influxdb'] })).to.be.lessThan(2);
  });
});
