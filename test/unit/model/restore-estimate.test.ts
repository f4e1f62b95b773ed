import { expect } from 'chai';
import fc from 'fast-check';
import { estimateRestore, type TimedDrill, timedDrillOf } from '../../../src/model/restore-estimate.ts';
import { restoreRecord, sampleJournal } from '../../support/journal.ts';

const mb = 1_000_000;

interface Past {
  bytes: number;
  restoreMs: number;
  openMs?: number;
  vault?: string;
  services?: string[];
  estimatedMs?: number | null;
}

/** A drill of `agama`, from the vault onsite. */
function drillOf({
  bytes,
  restoreMs,
  openMs = 100,
  vault = 'onsite',
  services = ['agama'],
  ...more
}: Past): TimedDrill {
  const restores = services.map((service) => ({
    service,
    bytes,
    took: { open: openMs, boot: 1_000, restore: restoreMs },
  }));
  return { vault, services, restores, estimatedMs: more.estimatedMs ?? null, usedMs: openMs + 1_000 + restoreMs };
}

const estimate = (bytes: number, past: readonly TimedDrill[], services = ['agama']) =>
  estimateRestore(
    services.map((service) => ({ service, members: 1, bytes })),
    'onsite',
    past,
  );

const size = fc.integer({ min: 1, max: 10_000 * mb });
const time = fc.integer({ min: 1, max: 7_200_000 });
const anyPast = fc.array(fc.record({ bytes: size, restoreMs: time, openMs: time }).map(drillOf), { maxLength: 30 });

describe('estimateRestore', () => {
  it('knows nothing without an earlier drill of each service', () => {
    const none = estimate(mb, []);
    expect(none).to.deep.include({ whole: null, past: null });
    expect(none.services[0]).to.include({ drills: 0, basis: null, ready: null });
    const half = estimate(mb, [drillOf({ bytes: mb, restoreMs: 5_000 })], ['agama', 'grafana']);
    expect(half.services.map(({ basis }) => basis)).to.deep.equal(['other-services', null]);
    expect(half.whole).to.equal(null);
  });

  it('allows for a restore that slows down, where there is more than ever before', () => {
    const past = [1, 2, 3, 4].map(() => drillOf({ bytes: 2_000 * mb, restoreMs: 37_000 }));
    const highOf = (bytes: number) =>
      estimate(bytes, past).services[0]?.parts.find(({ part }) => part === 'restore')?.highMs;
    expect(highOf(2_000 * mb)).to.equal(37_000);
    // Five times as much took 235 s, and not 185.
    expect(highOf(10_000 * mb)).to.be.within(235_000, 1.6 * 185_000);
    expect(estimate(10_000 * mb, past).services[0]?.parts.find(({ part }) => part === 'restore')?.ms).to.equal(185_000);
  });

  it('finds what the start takes and what the bytes take, where sizes differ', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1, max: 100 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 5, maxLength: 20 }),
        fc.integer({ min: 1, max: 5_000 }),
        (startMs, msPerMb, sizes, wanted) => {
          fc.pre(Math.max(...sizes) > 1.2 * Math.min(...sizes));
          const past = sizes.map((each) => drillOf({ bytes: each * mb, restoreMs: startMs + each * msPerMb }));
          const { ms, lowMs, highMs } = estimate(wanted * mb, past).whole ?? { ms: 0, lowMs: 0, highMs: 0 };
          const expected = 1_100 + startMs + wanted * msPerMb;
          const near = (each: number) => expect(each).to.be.closeTo(expected, 1e-6 * expected + 1);
          for (const each of [ms, lowMs]) near(each);
          if (wanted <= Math.max(...sizes)) near(highMs);
          else expect(highMs).to.be.at.least(expected - 1);
        },
      ),
    );
  });

  it('lets time grow with the bytes, and no further than that is known, where all sizes are alike', () => {
    const past = [4_000, 5_000, 6_000].map((restoreMs) => drillOf({ bytes: mb, restoreMs }));
    expect(estimate(mb, past).whole).to.deep.include({ ms: 6_100, lowMs: 5_100, highMs: 7_100 });
    const double = estimate(2 * mb, past).whole;
    expect(double?.ms).to.equal(11_100);
    expect(double?.lowMs, 'as if it were all start').to.equal(5_100);
    expect(double?.highMs, 'twice the slowest, and 1.19 times that as it may outgrow memory').to.be.closeTo(15_370, 1);
  });

  it('says of one or two drills that it may be half or twice', () => {
    const one = estimate(mb, [drillOf({ bytes: mb, restoreMs: 5_000 })]);
    expect(one.whole).to.deep.equal({ ms: 6_100, lowMs: 3_050, highMs: 12_200 });
  });

  it('always lies within its own range, and is a number', () => {
    fc.assert(
      fc.property(anyPast, fc.nat(10_000 * mb), (past, bytes) => {
        const { whole, services } = estimate(bytes, past);
        expect(whole === null).to.equal(past.length === 0);
        for (const range of [...(services[0]?.parts ?? []), ...(whole ? [whole] : [])]) {
          expect([range.lowMs, range.ms, range.highMs].every((ms) => Number.isFinite(ms) && ms >= 0)).to.equal(true);
          expect(range.lowMs).to.be.at.most(range.ms);
          expect(range.highMs).to.be.at.least(range.ms);
        }
      }),
    );
  });

  it('never expects more to take less time', () => {
    fc.assert(
      fc.property(anyPast, size, size, (past, a, b) => {
        fc.pre(past.length > 0);
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((bytes) => estimate(bytes, past).whole?.ms ?? 0);
        expect(less).to.be.at.most((more ?? 0) + 1e-6);
      }),
    );
  });

  it('does not mind the order of the drills, and grows as they do', () => {
    fc.assert(
      fc.property(anyPast, size, fc.integer({ min: 2, max: 9 }), (past, bytes, factor) => {
        fc.pre(past.length > 0);
        const whole = estimate(bytes, past).whole?.ms ?? 0;
        expect(estimate(bytes, past.toReversed()).whole?.ms).to.be.closeTo(whole, 1e-6 * whole);
        const slower = past.map(({ restores, ...rest }) => ({
          ...rest,
          restores: restores.map(({ took: { open, boot, restore }, ...each }) => ({
            ...each,
            took: { open: open * factor, boot: boot * factor, restore: restore * factor },
          })),
        }));
        expect(estimate(bytes, slower).whole?.ms).to.be.closeTo(whole * factor, 1e-6 * whole * factor);
      }),
    );
  });

  it('is not moved by one night on which the machine had other work', () => {
    const nights = Array.from({ length: 20 }, (_, i) => drillOf({ bytes: (10 + i) * mb, restoreMs: 1_000 + 100 * i }));
    const odd = nights.with(7, drillOf({ bytes: 17 * mb, restoreMs: 900_000 }));
    const [usual, after] = [estimate(30 * mb, nights).whole, estimate(30 * mb, odd).whole];
    expect(after?.ms).to.be.closeTo(usual?.ms ?? 0, 100);
    expect(after?.highMs).to.be.lessThan(10_000);
  });

  it('waits for the slowest service', () => {
    const together = ['agama', 'grafana'];
    const past = [1, 2, 3].map(() => ({
      ...drillOf({ bytes: mb, restoreMs: 5_000, services: together }),
      restores: [
        { service: 'agama', bytes: mb, took: { open: 100, boot: 1_000, restore: 50_000 } },
        { service: 'grafana', bytes: mb, took: { open: 100, boot: 1_000, restore: 2_000 } },
      ],
    }));
    const { whole, services } = estimate(mb, past, together);
    expect(services.map(({ ready }) => ready?.ms)).to.deep.equal([51_100, 3_100]);
    expect(whole?.ms).to.equal(51_100);
  });

  it('goes by the nearest drills of which there are enough, and says by which', () => {
    const same = (n: number) => Array.from({ length: n }, () => drillOf({ bytes: mb, restoreMs: 1_000 }));
    const beside = Array.from({ length: 3 }, () =>
      drillOf({ bytes: mb, restoreMs: 9_000, services: ['agama', 'grafana'] }),
    );
    const elsewhere = Array.from({ length: 3 }, () => drillOf({ bytes: mb, restoreMs: 30_000, vault: 'offsite' }));
    const basisOf = (past: TimedDrill[]) => {
      const [{ basis, drills } = { basis: null, drills: 0 }] = estimate(mb, past).services;
      return [basis, drills];
    };
    expect(basisOf([...same(3), ...beside, ...elsewhere])).to.deep.equal(['same', 3]);
    expect(basisOf([...same(2), ...beside, ...elsewhere])).to.deep.equal(['other-services', 5]);
    expect(basisOf([...same(1), ...elsewhere])).to.deep.equal(['other-vault', 4]);
    expect(basisOf(elsewhere)).to.deep.equal(['other-vault', 3]);
    expect(basisOf(same(1))).to.deep.equal(['same', 1]);
  });

  it('tells by how much earlier estimates were wrong', () => {
    const past = [4_950, 6_050, null].map((estimatedMs) => drillOf({ bytes: mb, restoreMs: 4_400, estimatedMs }));
    const { past: error } = estimate(mb, past);
    expect(error?.drills).to.equal(2);
    expect(error?.meanError).to.be.closeTo(0.1, 1e-9);
  });
});

describe('timedDrillOf', () => {
  const boot = { service: null, phase: 'boot' as const, startMs: 100, endMs: 900 };

  it('keeps what each service took that came back', () => {
    const journal = sampleJournal({ phases: [boot, ...sampleJournal().phases] });
    expect(timedDrillOf(journal)).to.deep.equal({
      ...{ vault: 'onsite', services: ['agama'], estimatedMs: null, usedMs: 48_300 },
      restores: [{ service: 'agama', bytes: 70_000_000, took: { open: 100, boot: 800, restore: 47_400 } }],
    });
  });

  it('keeps nothing of one that did not, of a drill without a pod, and of a real restore', () => {
    const [record] = sampleJournal().services;
    if (!record) throw new Error('the sample has no service');
    const absent = sampleJournal({ phases: [boot], services: [{ ...record, readyMs: null }] });
    expect(timedDrillOf(absent)?.restores).to.deep.equal([]);
    expect(timedDrillOf(sampleJournal())?.restores).to.deep.equal([]);
    expect(timedDrillOf(sampleJournal({ phases: [boot], restore: restoreRecord() }))).to.equal(undefined);
  });
});
