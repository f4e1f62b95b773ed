import { expect } from 'chai';
import fc from 'fast-check';
import { dayName, dayOf, instantOf, parseInstant } from '../../../../src/engines/influxdb/instants.ts';

const anyTime = fc.bigInt({ min: -9_223_372_036_854_775_806n, max: 9_223_372_036_854_775_806n });

describe('instants of InfluxDB', () => {
  it('keep their nanoseconds as text', () => {
    expect(instantOf(1n)).to.equal('1970-01-01T00:00:00.000000001Z');
    expect(instantOf(-1n)).to.equal('1969-12-31T23:59:59.999999999Z');
    fc.assert(fc.property(anyTime, (ns) => parseInstant(instantOf(ns)) === ns));
  });

  it('are read with any number of digits, as the server writes them', () => {
    expect(parseInstant('2026-11-22T01:30:00Z')).to.equal(1_795_311_000_000_000_000n);
    expect(parseInstant('2026-11-22T01:30:00.5Z')).to.equal(1_795_311_000_500_000_000n);
    for (const text of ['', 'now', '2026-11-22', '2026-13-22T01:30:00Z', '2026-11-22T01:30:00.1234567890Z']) {
      expect(parseInstant(text), text).to.equal(undefined);
    }
  });

  it('fall on UTC days, also before 1970', () => {
    expect(dayName(dayOf(0n))).to.equal('1970-01-01');
    expect(dayName(dayOf(-1n))).to.equal('1969-12-31');
    fc.assert(fc.property(anyTime, (ns) => dayName(dayOf(ns)) === instantOf(ns).slice(0, 10)));
  });
});
