import { expect } from 'chai';
import fc from 'fast-check';
import { checkAnomaly } from '../../../src/checks/anomaly.ts';
import { isWarning } from '../../../src/model/check.ts';
import type { MemberKind } from '../../../src/model/manifest.ts';
import type { MeasuredMember } from '../../../src/model/past-members.ts';

const dayMs = 86_400_000;
const mib = 1024 ** 2;
/** A Sunday. */
const now = Date.parse('2026-11-22T01:30:00.000Z');
const isWeekend = (ago: number) => [0, 6].includes(new Date(now - ago * dayMs).getUTCDay());

interface Day {
  bytes: number;
  rows: number;
  /** Decoded bytes for each stored one. */
  factor: number;
  denseBytes: number;
  tookMs: number;
}

const usual: Day = { bytes: 100 * mib, rows: 1_000_000, factor: 5, denseBytes: 0, tookMs: 300_000 };

/** A member of so many days ago; its hash is its age, so that two of one age are one. */
function member(ago: number, kind: MemberKind, day: Partial<Day> = {}): MeasuredMember {
  const { bytes, rows, factor, denseBytes, tookMs } = { ...usual, ...day };
  const at = now - ago * dayMs;
  const instant = (ms: number) => new Date(ms).toISOString();
  const contentBytes = Math.round(bytes * factor);
  return {
    id: `${kind === 'full' ? 'full' : 'incr'}-${ago}`,
    ...{ kind, bytes: Math.round(bytes), artifacts: 5, sourceHost: 'docker:db', engineVersion: '9.7.4', tools: {} },
    manifestSha256: `${kind} ${ago}`,
    ...{ startedAt: instant(at), dataAt: instant(at + 1_000), finishedAt: instant(at + tookMs) },
    measures: {
      ...{ contentBytes, packed: { contentBytes, storedBytes: Math.round(bytes) } },
      ...{ denseBytes: Math.round(denseBytes), holds: { count: Math.round(rows), unit: 'rows' } },
    },
  };
}

const ages = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
const fulls = (day: (ago: number) => Partial<Day> = () => ({})) =>
  ages(1, 29).map((ago) => member(ago, 'full', day(ago)));
const increments = (day: (ago: number) => Partial<Day> = () => ({})) =>
  ages(1, 29).map((ago) => member(ago, 'incremental', { bytes: mib, ...day(ago) }));

const ask = (newest: MeasuredMember, past: readonly MeasuredMember[], usualSinceMs?: number) =>
  checkAnomaly({ service: 'agama', chain: [newest], past, usualSinceMs });
const said = (newest: MeasuredMember, past: readonly MeasuredMember[]) =>
  ask(newest, past).result?.findings.map((each) => `${isWarning(each) ? 'warning' : 'failure'}: ${each.sentence}`);

/** Numbers in (1/factor, factor), evenly on a scale of factors. */
const within = (factor: number) =>
  fc.double({ min: -1, max: 1, noNaN: true }).map((x) => Math.exp(x * Math.log(factor)));

describe('checkAnomaly', () => {
  it('says nothing of a day like all others, and shows with what it was compared', () => {
    const { result, notes } = ask(member(0, 'full'), fulls());
    expect(result).to.include({ check: 'anomaly', outcome: 'pass', expected: 5, lookedAt: 5 });
    expect(result?.findings).to.deep.equal([]);
    expect(result?.comparisons[0]).to.deep.equal({ what: 'full-0 stored', expected: '100.0 MiB', found: '100.0 MiB' });
    expect(notes).to.deep.equal([]);
  });

  it('says nothing of honest lives: noise, growth, weekends with little, a month in which data expires', () => {
    const life = fc.record({
      noise: fc.array(within(1.2), { minLength: 61, maxLength: 61 }),
      growth: fc.double({ min: 0.99, max: 1.03, noNaN: true }),
      weekend: fc.double({ min: 0.001, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(life, ({ noise, growth, weekend }) => {
        const rows = (ago: number) => 1e6 * growth ** -Math.min(ago, growth < 1 ? 10 : 30);
        const full = (ago: number) => ({ rows: rows(ago), bytes: 1e8 * growth ** -ago * (noise[ago] ?? 1) });
        const increment = (ago: number) => ({
          ...{ rows: rows(ago), bytes: 1e7 * (isWeekend(ago) ? weekend : 1) * (noise[30 + ago] ?? 1) },
          tookMs: 60_000 * (noise[ago] ?? 1),
        });
        const past = ages(1, 28).map((ago) =>
          ago % 7 === 0 ? member(ago, 'full', full(ago)) : member(ago, 'incremental', increment(ago)),
        );
        expect(said(member(0, 'full', full(0)), past)).to.deep.equal([]);
        expect(said(member(0, 'incremental', increment(0)), past)).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });

  it('says nothing where only a weekend makes the difference, once a weekend was seen', () => {
    const quiet = (ago: number) => ({ bytes: isWeekend(ago) ? 2_000 : 500 * mib });
    const week = ages(1, 8).map((ago) => member(ago, 'incremental', quiet(ago)));
    expect(said(member(0, 'incremental', quiet(0)), week)).to.deep.equal([]);
  });

  const odd: [string, MeasuredMember, MeasuredMember[], RegExp[]][] = [
    [
      'a full of a twentieth of its size',
      member(0, 'full', { bytes: 5 * mib }),
      fulls(),
      [/^warning: agama: full-0 stored 5\.0 MiB, and 29 verified fulls of the last 30 days stored 100\.0 MiB$/],
    ],
    ['a full three times as large', member(0, 'full', { bytes: 300 * mib }), fulls(), [/full-0 stored 300\.0 MiB/]],
    [
      'an empty increment where there was always much',
      member(0, 'incremental', { bytes: 900 }),
      increments(() => ({ bytes: 50 * mib })),
      [/incr-0 stored 900 B, and 29 verified increments/],
    ],
    [
      'a purge of most rows',
      member(0, 'full', { rows: 100_000 }),
      fulls(),
      [/full-0 held 100,000 rows, and 29 verified backups of the last 30 days held 1,000,000 rows/],
    ],
    [
      'a table of other data that compresses no more',
      member(0, 'full', { factor: 2, denseBytes: 80 * mib }),
      fulls(),
      [/compressed by a factor of 2, and .* of 5$/, /held, in percent, what hardly compresses: 40, .* 0$/],
    ],
    [
      'a backup that took very much longer',
      member(0, 'full', { tookMs: 3_600_000 }),
      fulls(),
      [/full-0 took 1 h, and 29 verified fulls of the last 30 days took 5 m$/],
    ],
  ];
  for (const [what, newest, past, sentences] of odd) {
    it(`warns of ${what}, and does not fail`, () => {
      const found = said(newest, past) ?? [];
      expect(found).to.have.length(sentences.length);
      for (const [i, sentence] of sentences.entries())
        expect(found[i])
          .to.match(sentence)
          .and.match(/^warning/);
      expect(ask(newest, past).result?.outcome).to.equal('pass');
    });
  }

  it('warns of a purge once: what was verified is usual from then on', () => {
    const purged = (ago: number) => ({ rows: ago <= 1 ? 100_000 : 1_000_000 });
    expect(said(member(0, 'full', purged(0)), fulls(purged))).to.deep.equal([]);
  });

  it('does not mind a backup that was quicker, but one that compresses much better: its values may be gone', () => {
    expect(said(member(0, 'full', { tookMs: 1_000 }), fulls())).to.deep.equal([]);
    expect(said(member(0, 'full', { factor: 20 }), fulls())?.join()).to.match(/^warning: agama: full-0 compressed by/);
  });

  it('is not misled by a few odd days of the past', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 29 }), { minLength: 5, maxLength: 5 }), (wild) => {
        // Larger ones: they must not hide one that is too small.
        const past = fulls((ago) => (wild.includes(ago) ? { bytes: 900 * mib } : {}));
        expect(said(member(0, 'full', { bytes: 20 * mib }), past)?.join()).to.match(/full-0 stored 20\.0 MiB/);
      }),
    );
  });

  it('takes what has always differed much for usual', () => {
    const wild = fulls((ago) => ({ bytes: ([1, 30, 1_000][ago % 3] ?? 1) * mib }));
    expect(said(member(0, 'full', { bytes: 2_000 * mib }), wild)).to.deep.equal([]);
    const calm = fulls((ago) => (ago <= 5 ? { bytes: 900 * mib } : {}));
    expect(said(member(0, 'full', { bytes: 45 * mib }), calm), 'a few odd days make no other day odd').to.deep.equal(
      [],
    );
  });

  it('says the same again when the same backup is drilled again', () => {
    const purged = member(0, 'full', { rows: 100_000 });
    expect(said(purged, [...fulls(), purged]))
      .to.deep.equal(said(purged, fulls()))
      .and.have.length(1);
  });

  it('fails where everything is gone, and only where there was always something', () => {
    const nothing = member(0, 'full', { rows: 0 });
    const [failure, ...others] = said(nothing, fulls()) ?? [];
    expect(failure).to.equal(
      'failure: agama: full-0 holds nothing at all, and each of the 29 verified backups before it held at least 1,000,000 rows',
    );
    expect(others.join()).to.match(/^warning: agama: full-0 held 0 rows/);
    expect(ask(nothing, fulls()).result?.findings[0]?.next).to.equal(
      'If it was meant, set services.agama.usualSince to 2026-11-22T01:30Z in the configuration.',
    );
    expect(ask(member(0, 'incremental', { rows: 0 }), increments()).result?.outcome).to.equal('fail');
    for (const once of [0, 9]) {
      const past = fulls((ago) => (ago === 20 ? { rows: once } : {}));
      expect(ask(nothing, past).result?.outcome, `${once} rows once`).to.equal('pass');
    }
    expect(ask(member(0, 'full', { rows: 1 }), fulls()).result?.outcome).to.equal('pass');
  });

  it('fails where all that used to compress does not any more, but is still there', () => {
    const encrypted = member(0, 'full', { bytes: 500 * mib, factor: 1, denseBytes: 499 * mib });
    expect(said(encrypted, fulls())?.[0]).to.equal(
      'failure: agama: hardly anything in full-0 can be compressed any more, as if it were encrypted: 1.0 MiB, and at least 500.0 MiB in each of the 29 verified fulls before it',
    );
    const pictures = member(0, 'full', { bytes: 5_000 * mib, factor: 1.08, denseBytes: 4_900 * mib });
    expect(ask(pictures, fulls()).result?.outcome, 'a load of pictures beside the rest').to.equal('pass');
    const purged = member(0, 'full', { bytes: 1_000, factor: 1, denseBytes: 1_000, rows: 12 });
    expect(ask(purged, fulls()).result?.outcome, 'a purge').to.equal('pass');
    const always = fulls(() => ({ bytes: 500 * mib, factor: 1.01, denseBytes: 490 * mib }));
    expect(ask(encrypted, always).result?.outcome, 'data that never compressed').to.equal('pass');
    const increment = member(0, 'incremental', { bytes: 500 * mib, factor: 1, denseBytes: 500 * mib });
    expect(ask(increment, [...fulls(), ...increments()]).result?.outcome, 'a day of pictures').to.equal('pass');
  });

  it('fails for nothing else, whatever the past', () => {
    const day = fc.record({
      bytes: fc.nat(1e9),
      rows: fc.nat(1e6),
      factor: fc.double({ min: 0.5, max: 50, noNaN: true }),
      tookMs: fc.nat(1e8),
    });
    const kind = fc.constantFrom<MemberKind>('full', 'incremental');
    const life = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), kind, day), { maxLength: 60 });
    fc.assert(
      fc.property(kind, day, life, (newestKind, newest, past) => {
        const members = past.map(([ago, each, of]) => member(ago, each, of));
        const { result } = ask(member(0, newestKind, newest), members);
        if (result?.outcome === 'fail') expect(newest.rows).to.equal(0);
        if (result) expect(result.lookedAt).to.equal(result.expected).and.be.greaterThan(0);
        // Neither the order of the past nor what is known twice changes anything.
        const shuffled = ask(member(0, newestKind, newest), [...members.toReversed(), ...members]);
        if (new Set(members.map((each) => each.manifestSha256)).size === members.length) {
          expect(shuffled.result?.findings).to.deep.equal(result?.findings);
        }
      }),
    );
  });

  it('warns of what becomes less each week, though no day stands out, and not of growth', () => {
    const losing = (ago: number) => ({ rows: 1e6 * 0.985 ** (30 - ago) });
    // The medians of the first week and of the last: 24 and 3 days ago: 0.985^6 and 0.985^27.
    expect(said(member(0, 'full', losing(0)), fulls(losing))).to.deep.equal([
      'warning: agama: for four weeks backups held less each week: 913,308 rows then, 664,934 rows now',
    ]);
    const growing = (ago: number) => ({ rows: 1e6 * 1.02 ** (30 - ago), bytes: 1e8 * 1.02 ** (30 - ago) });
    expect(said(member(0, 'full', growing(0)), fulls(growing))).to.deep.equal([]);
    const denser = (ago: number) => ({ factor: 5 * 0.985 ** (30 - ago) });
    expect(said(member(0, 'full', denser(0)), fulls(denser))?.join()).to.match(
      /^warning: agama: for four weeks backups compressed by a factor of less each week: 4\.\d then, 3\.\d now$/,
    );
    const once = (ago: number) => ({ rows: ago > 12 ? 1e6 : 6e5 });
    expect(said(member(0, 'full', once(0)), fulls(once)), 'one purge, two weeks ago').to.deep.equal([]);
    const also = (ago: number) => ({ rows: once(ago).rows * 0.999 ** (30 - ago) });
    expect(said(member(0, 'full', also(0)), fulls(also)), 'and a little each day').to.deep.equal([]);
  });

  it('gives no verdict of too few, or of less than a week, and says so', () => {
    const few = [1, 5].map((ago) => member(ago, 'full'));
    expect(ask(member(0, 'full'), few)).to.deep.equal({
      result: undefined,
      notes: [
        'agama: what is usual for its fulls cannot be told yet: drills of the last 30 days have verified 2 fulls before it; it takes 3, over a week',
      ],
    });
    expect(
      ask(
        member(0, 'full'),
        ages(1, 7).map((ago) => member(ago, 'full')),
      ).result,
    ).to.equal(undefined);
    expect(
      ask(
        member(0, 'full'),
        ages(1, 8).map((ago) => member(ago, 'full')),
      ).result?.outcome,
    ).to.equal('pass');
    expect(ask(member(0, 'full', { rows: 0 }), few).result).to.equal(undefined);
    expect(ask(member(0, 'full'), []).notes).to.have.length(1);
    expect(checkAnomaly({ service: 'agama', chain: [], past: fulls() })).to.deep.equal({
      result: undefined,
      notes: [],
    });
  });

  it('judges what increments hold by all backups, also where there are too few increments for their sizes', () => {
    const weekly = [7, 14, 21].map((ago) => member(ago, 'full'));
    const { result, notes } = ask(member(0, 'incremental', { rows: 10 }), weekly);
    expect(result?.comparisons.map(({ what }) => what)).to.deep.equal(['incr-0 held']);
    expect(result?.findings).to.have.length(1);
    expect(notes.join()).to.match(/for its increments cannot be told yet.* 0 increments before it; it takes 6/);
  });

  it('knows no norm from more than 30 days ago, nor from before things became usual', () => {
    const old = ages(31, 60).map((ago) => member(ago, 'full', { rows: 5 }));
    expect(ask(member(0, 'full'), old).result).to.equal(undefined);
    expect(ask(member(0, 'full', { rows: 0 }), fulls(), now - dayMs / 2).result).to.equal(undefined);
    expect(ask(member(0, 'full', { rows: 0 }), fulls(), now - 10 * dayMs).result?.outcome).to.equal('fail');
  });

  it('judges all members that no drill has seen yet, and the newest once more', () => {
    const chain = [member(2, 'full', { rows: 0 }), member(1, 'incremental'), member(0, 'incremental')];
    const past = [...ages(3, 29).map((ago) => member(ago, 'full')), ...increments().slice(2)];
    const unseen = checkAnomaly({ service: 'agama', chain, past });
    expect(unseen.result?.outcome).to.equal('fail');
    expect(unseen.result?.findings[0]?.sentence).to.match(/^agama: full-2 holds nothing/);
    const seen = checkAnomaly({ service: 'agama', chain, past: [...past, ...chain] });
    expect(seen.result?.outcome).to.equal('pass');
  });
});
