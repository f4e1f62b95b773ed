import { expect } from 'chai';
import fc from 'fast-check';
import { compactInstant, parseCompactInstant } from '../../../src/kit/clock.ts';
import { canonicalJson } from '../../../src/kit/json.ts';
import { count, plainLine } from '../../../src/kit/text.ts';
import { formatBytes, formatDuration, parseBytes, parseDuration } from '../../../src/kit/units.ts';

describe('units', () => {
  it('reads durations and refuses what is none', () => {
    expect(parseDuration('30m')).to.equal(1_800_000);
    expect(parseDuration('1h30m')).to.equal(5_400_000);
    expect(parseDuration('56d')).to.equal(56 * 86_400_000);
    expect(parseDuration('250ms')).to.equal(250);
    for (const bad of ['', '30', 'm', '30 m', '-1h', '1y', '1h-', 'NaNs'])
      expect(parseDuration(bad), bad).to.equal(undefined);
  });

  it('reads sizes and refuses what is none', () => {
    expect(parseBytes('4GiB')).to.equal(4 * 1024 ** 3);
    expect(parseBytes('1.5 MiB')).to.equal(1_572_864);
    for (const bad of ['', '4', '4GB', 'GiB', '-1B']) expect(parseBytes(bad), bad).to.equal(undefined);
  });

  it('says durations and sizes as people do', () => {
    const ms = [0, 400, 48_300, 59_999, 60_000, 192_000, 1_800_000, 7_500_000, 273_600_000];
    expect(ms.map(formatDuration)).to.deep.equal([
      '0.0 s',
      '0.4 s',
      '48.3 s',
      '60.0 s',
      '1 m',
      '3 m 12 s',
      '30 m',
      '2 h 5 m',
      '3 d 4 h',
    ]);
    expect([0, 512, 1536, 2 ** 31].map(formatBytes)).to.deep.equal(['0 B', '512 B', '1.5 KiB', '2.0 GiB']);
    expect([1, 2, 1_000_000].map((n) => count(n, 'row'))).to.deep.equal(['1 row', '2 rows', '1,000,000 rows']);
  });

  it('reads back each whole duration that it reads (property)', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom('s', 'm', 'h', 'd'), (n, unit) => {
        expect(parseDuration(`${n}${unit}`))
          .to.be.a('number')
          .and.to.be.at.least(0);
      }),
    );
  });
});

describe('instants in names', () => {
  it('goes there and back', () => {
    expect(compactInstant(new Date('2026-11-22T01:30:00.999Z'))).to.equal('20261122T013000Z');
    expect(parseCompactInstant('20261122T013000Z')?.toISOString()).to.equal('2026-11-22T01:30:00.000Z');
    for (const bad of ['20261122T243000Z', '20260231T000000Z', '20261122T013000', '']) {
      expect(parseCompactInstant(bad), bad).to.equal(undefined);
    }
  });
});

describe('plainLine', () => {
  it('makes escapes, line breaks and bidi marks visible', () => {
    expect(plainLine('a\u001b[31mb\r\nBcc: x\u202e')).to.equal('a\\x1b[31mb\\x0d\\x0aBcc: x\\x202e');
    expect(plainLine('grün 🙂')).to.equal('grün 🙂');
    expect(plainLine('x'.repeat(20), 10)).to.equal(`${'x'.repeat(9)}…`);
  });

  it('never lets a control character through (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(/\p{Cc}/u.test(plainLine(text))).to.equal(false);
      }),
    );
  });
});

describe('canonicalJson', () => {
  it('is one text for one value, whatever the order of its keys', () => {
    expect(canonicalJson({ b: 1, a: [true, null, 'é'] })).to.equal('{"a":[true,null,"é"],"b":1}');
    expect(canonicalJson({ a: [true, null, 'é'], b: 1 })).to.equal(canonicalJson({ b: 1, a: [true, null, 'é'] }));
  });
});
