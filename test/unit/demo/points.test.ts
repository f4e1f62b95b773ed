import { expect } from 'chai';
import { latencyDays, latencyLines } from '../../../scripts/demo/latency-points.ts';
import { batches, daylight, instants, type PointOrder, randomNumbers } from '../../../scripts/demo/point-source.ts';
import { telegrafDays, telegrafLines } from '../../../scripts/demo/telegraf-points.ts';

const untilMs = Date.parse('2026-11-22T01:30:00Z');
const dayMs = 86_400_000;
const small: PointOrder = { untilMs, scale: 0.01 };

/** measurement,tags fields time: no unescaped blank but the two that part these. */
const lineForm = /^([a-z]+(?:,(?:[^ ,\\]|\\.)+)+) ((?:"(?:[^"\\]|\\.)*"|[^ "])+) (\d{13})$/u;

function parsed(line: string) {
  const [, series = '', fields = '', time] = lineForm.exec(line) ?? expect.fail(`not in line protocol: ${line}`);
  return { series, fields, ms: Number(time), measurement: series.slice(0, series.indexOf(',')) };
}

for (const { name, lines, days } of [
  { name: 'telegrafLines', lines: telegrafLines, days: telegrafDays },
  { name: 'latencyLines', lines: latencyLines, days: latencyDays },
]) {
  describe(name, () => {
    const points = [...lines(small)].map(parsed);

    it('makes the same points for the same order, and others at another moment', () => {
      expect([...lines(small)].map(parsed)).to.deep.equal(points);
      expect([...lines({ ...small, untilMs: untilMs + 1 })][0]).to.not.equal([...lines(small)][0]);
    });

    it('writes no point twice: the number of lines is the number of points', () => {
      const places = new Set(points.map(({ series, ms }) => `${series} ${ms}`));
      expect(places.size).to.equal(points.length);
    });

    it('reaches over the weeks and ends now, never after', () => {
      const times = points.map(({ ms }) => ms);
      expect(Math.max(...times)).to.equal(untilMs);
      expect(Math.min(...times)).to.be.within(untilMs - days * dayMs - 60_000, untilMs - (days - 1) * dayMs);
      expect(new Set(times.map((ms) => Math.floor(ms / dayMs))).size).to.be.within(days, days + 2);
    });

    it('grows with the scale', () => {
      const tenfold = [...lines({ untilMs, scale: 0.1 })].length;
      expect(tenfold / points.length).to.be.within(9.5, 10.5);
    });
  });
}

describe('the demo points', () => {
  it('are more than three million at full size', () => {
    const tenth = { untilMs, scale: 0.1 };
    expect([...telegrafLines(tenth)].length + [...latencyLines(tenth)].length).to.be.within(305_000, 330_000);
  });

  it('hold the measurements, and integers, floats, strings and booleans', () => {
    const points = [...telegrafLines(small), ...latencyLines(small)].map(parsed);
    const measurements = new Set(points.map(({ measurement }) => measurement));
    expect([...measurements].sort()).to.deep.equal(['cpu', 'disk', 'mem', 'net', 'ping', 'syslog']);
    const fields = points.map((point) => point.fields).join('\n');
    expect(fields)
      .to.match(/used=\d+i/)
      .and.match(/rtt_ms=\d+\.\d+/)
      .and.match(/message="[^"]*\\"java\\"/);
    expect(fields)
      .to.match(/up=true/)
      .and.match(/up=false/)
      .and.match(/💾/);
    expect(points.some(({ series }) => series.includes('path=/var/lib/my\\ data'))).to.equal(true);
  });
});

describe('instants', () => {
  it('ends exactly at the moment that was asked for, with equal steps', () => {
    const all = [...instants({ untilMs, scale: 1 }, 1, 60)];
    expect(all).to.have.length(1440);
    expect(all.at(-1)).to.equal(untilMs);
    expect(all.at(-1)).to.equal((all[0] ?? 0) + 1439 * 60_000);
  });

  it('makes no instant where the scale leaves none', () => {
    expect([...instants({ untilMs, scale: 0.001 }, 1, 3600)]).to.deep.equal([]);
  });
});

describe('batches', () => {
  it('loses and changes no line, and knows how many there are', () => {
    const lines = Array.from({ length: 25_001 }, (_, i) => `m v=${i}i`);
    const made = [...batches(lines)];
    expect(made.map(({ points }) => points)).to.deep.equal([10_000, 10_000, 5_001]);
    expect(made.flatMap((batch) => batch.lines.split('\n'))).to.deep.equal(lines);
    expect([...batches([])]).to.deep.equal([]);
  });
});

describe('randomNumbers', () => {
  it('is the same for the same seed, between 0 and 1, and spread', () => {
    const [one, same, other] = [randomNumbers(7), randomNumbers(7), randomNumbers(8)];
    const numbers = Array.from({ length: 10_000 }, one);
    expect(Array.from({ length: 10_000 }, same)).to.deep.equal(numbers);
    expect(Array.from({ length: 10 }, other)).to.not.deep.equal(numbers.slice(0, 10));
    expect(numbers.every((n) => n >= 0 && n < 1)).to.equal(true);
    expect(numbers.reduce((sum, n) => sum + n, 0) / numbers.length).to.be.within(0.48, 0.52);
  });
});

describe('daylight', () => {
  it('is dark at midnight and bright at noon', () => {
    expect(daylight(Date.parse('2026-11-22T00:00:00Z'))).to.be.closeTo(0, 1e-6);
    expect(daylight(Date.parse('2026-11-22T12:00:00Z'))).to.be.closeTo(1, 1e-6);
  });
});
