import { expect } from 'chai';
import type { Row } from '../../../scripts/bench/peers/contest.ts';
import { type Measurement, namedNumbers, shortfalls } from '../../../scripts/bench/peers/measurement.ts';
import { benchTable, merged, withBenchTable } from '../../../scripts/bench/peers/table.ts';

const row = (id: string, more: Partial<Row> = {}): Row => ({
  id,
  title: `\`${id}\``,
  seconds: { median: 12.34, min: 9.96, max: 123.4 },
  boot: null,
  timesAsFast: null,
  problem: null,
  isFailure: false,
  samples: [],
  ...more,
});

const times = (median: number) => ({ timesAsFast: { median, min: median - 1, max: median + 1 } });

const loaded = (boot: number, restore: number) => ({
  boot: { median: boot, min: boot, max: boot },
  samples: [{ seconds: boot + restore, parts: { boot, restore } }],
});

const measured = (more: Partial<Measurement> = {}): Measurement => ({
  engine: 'mysql',
  title: 'MySQL 9.7, 0.2 GiB in four large tables',
  data: { gib: 0.2, shape: 'few' },
  rounds: 3,
  limits: { cpus: 2, memoryBytes: 4 * 1024 ** 3 },
  backup: [row('mysqldump', times(1.5)), row('firedrill', { samples: [{ seconds: 12, peakBytes: 150e6 }] })],
  restore: [
    row('plain', { ...times(4.5), ...loaded(5, 60) }),
    row('firedrill', { samples: [{ seconds: 12, parts: { restore: 10 }, peakBytes: 140e6, overheadSeconds: 3 }] }),
    row('firedrill-encrypted', { samples: [{ seconds: 12, peakBytes: 160e6, overheadSeconds: 5 }] }),
  ],
  ...more,
});

describe('the table of a measurement', () => {
  it('says medians, spread, and how many times as fast', () => {
    const lines = benchTable([measured()]).split('\n');
    expect(lines[2]).to.equal(
      '| MySQL 9.7, 0.2 GiB in four large tables: restore (3 rounds) | `plain` | 12.3 (10.0–123) | 5.0 | 4.5 (3.5–5.5) |',
    );
    expect(lines[3]).to.equal('|  | `firedrill` | 12.3 (10.0–123) |  |  |');
    expect(lines).to.have.length(7);
  });

  it('says why there is no time, without letting that be markup', () => {
    const lost = row('mydumper', { seconds: null, problem: 'failed: [x](y) | <b>' });
    expect(benchTable([measured({ restore: [lost] })])).to.include('| failed: \\[x\\](y) \\| \\<b\\> |  |  |');
  });

  it('comes to stand between its marks, and nowhere else', () => {
    const marks = [
      '<!-- written by npm run bench -- --write: never by hand -->',
      '<!-- end of what npm run bench has written -->',
    ];
    const text = withBenchTable(`before\n${marks.join('\nold\n')}\nafter\n`, [measured()]);
    expect(text.startsWith(`before\n${marks[0]}\n| what |`)).to.equal(true);
    expect(text.endsWith(`|  |\n${marks[1]}\nafter\n`)).to.equal(true);
    expect(text).to.not.include('old');
    expect(withBenchTable(text, [measured()])).to.equal(text);
    expect(() => withBenchTable('no place', [])).to.throw('no place for the table');
  });

  it('keeps what was measured before, but for what was measured again', () => {
    const influxdb = measured({ engine: 'influxdb', title: 'InfluxDB 1.6, 1 million points' });
    const again = measured({ rounds: 5 });
    expect(merged([measured(), influxdb], [again])).to.deep.equal([again, influxdb]);
    expect(merged([measured()], [influxdb])).to.deep.equal([measured(), influxdb]);
  });
});

describe('the named numbers', () => {
  it('name the peer, and what was measured', () => {
    const numbers = namedNumbers([measured()]);
    expect(numbers['mysql.restoreRatio']).to.deep.equal({
      peer: '`plain`',
      of: 'MySQL 9.7, 0.2 GiB in four large tables',
      rounds: 3,
      timesAsFast: { median: 4.5, min: 3.5, max: 5.5 },
      withoutStart: { median: 6, min: 6, max: 6 },
    });
    expect(numbers['mysql.backupRatio']).to.not.have.property('withoutStart');
    expect(numbers['mysql.backupRatio']?.timesAsFast?.median).to.equal(1.5);
    expect(numbers).to.not.have.property('influxdb.restoreRatio');
    expect(numbers['node.peakMemoryBytes']).to.deep.equal({ backup: 150e6, drill: 160e6 });
    expect(numbers['drill.overheadSeconds']).to.deep.equal({
      'MySQL 9.7, 0.2 GiB in four large tables': { median: 4, min: 3, max: 5 },
    });
  });

  it('miss no goal where all is well', () => {
    expect(shortfalls([measured()])).to.deep.equal([]);
  });

  it('miss the goal of a restore that is less than four times as fast', () => {
    const slow = { restore: [row('plain', times(3.9))], data: { gib: 1, shape: 'few' } };
    expect(shortfalls([measured(slow)]).join()).to.include('restored 3.9 times as fast');
    expect(shortfalls([measured({ ...slow, data: { gib: 0.2, shape: 'few' } })])).to.deep.equal([]);
    expect(shortfalls([measured({ ...slow, data: { gib: 2, shape: 'blobs' } })])).to.deep.equal([]);
  });

  it('miss the goal when a result was wrong, or Node took too much memory', () => {
    const wrong = measured({ backup: [row('mysqldump', { problem: 'wrong: a', isFailure: true, seconds: null })] });
    expect(shortfalls([wrong]).join()).to.include('mysqldump: wrong: a');
    const fat = measured({ backup: [row('firedrill', { samples: [{ seconds: 1, peakBytes: 201e6 }] })] });
    expect(shortfalls([fat])).to.deep.equal(['Node took 201 MB; the goal is below 200 MB']);
  });
});
