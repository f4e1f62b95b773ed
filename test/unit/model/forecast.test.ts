import { expect } from 'chai';
import fc from 'fast-check';
import { seeded } from '../../../src/kit/random.ts';
import { forecastOf } from '../../../src/model/forecast.ts';
import { forecastWords } from '../../../src/report/view/forecast-view.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 5, 1);
const halfHourMs = 1_800_000;

const nights = (n: number, usedMs: (night: number) => number, everyDays = 1) =>
  Array.from({ length: n }, (_, night) => ({ atMs: startMs + night * everyDays * dayMs, value: usedMs(night) }));

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const words = (values: Parameters<typeof forecastOf>[0]) =>
  forecastWords(forecastOf(values, halfHourMs), halfHourMs, day).replaceAll('\u00a0', ' ');

describe('forecastOf', () => {
  it('names the day on which a growing restore time crosses what is allowed', () => {
    const random = seeded(3);
    const values = nights(60, (night) => 600_000 + 6_000 * night + 20_000 * (random() - 0.5));
    const forecast = forecastOf(values, halfHourMs);
    // 600 s and 6 s a night: 30 minutes after 200 nights.
    const crossing = startMs + 200 * dayMs;
    expect(forecast.kind).to.equal('growing');
    if (forecast.kind !== 'growing') return;
    expect(Math.abs((forecast.atMs ?? 0) - crossing) / dayMs).to.be.lessThan(4);
    expect(forecast.earliestMs ?? 0).to.be.within(crossing - 8 * dayMs, crossing + dayMs);
    expect(forecast.latestMs ?? 0).to.be.within(crossing - dayMs, crossing + 8 * dayMs);
    expect(words(values)).to.match(
      /^The restore time grows by (2 m 5\d s|3 m( \d s)?) in 30 days \(60 drills\)\. At this pace 30 m are crossed about 2026-12-1\d \(95 % interval: 2026-12-1\d to 2026-12-\d\d\)\.$/,
    );
  });

  it('gives no date with too few drills, or too few days', () => {
    expect(words([])).to.equal(
      'No forecast yet: it takes at least 10 drills with a restore time over 14 days; there are 0, over 0 days.',
    );
    expect(words(nights(9, (n) => n * 1e5, 7))).to.match(/there are 9, over 56 days/);
    expect(words(nights(14, (n) => n * 1e5))).to.match(/there are 14, over 13 days/);
    expect(words(nights(15, (n) => n * 1e4))).to.match(/crossed about/);
  });

  it('gives no date where growth does not stand out from the scatter', () => {
    const random = seeded(5);
    const values = nights(30, () => 600_000 + 200_000 * random());
    expect(forecastOf(values, halfHourMs).kind).to.equal('steady');
    expect(words(values)).to.match(/^No growth stands out .* 30 drills, so there is no date .* not be before 20\d\d-/);
    expect(words(nights(30, (n) => 900_000 - 1000 * n))).to.match(/Not within ten years, even with the steepest/);
    expect(words(nights(30, () => 900_000))).to.match(/Not within ten years/);
  });

  it('says when what is allowed is crossed already, or not within ten years', () => {
    expect(words(nights(30, (n) => 1_900_000 + n))).to.match(
      /^The trend of 30 drills lies at 31 m 40 s: above the 30 m/,
    );
    expect(words(nights(30, (n) => 60_000 + n))).to.match(
      /less than 0.1 s in 30 days .* not crossed within ten years\.$/,
    );
  });

  it('looks at the newest 180 days only', () => {
    const old = nights(100, () => 10_000);
    const values = [
      ...old,
      ...nights(60, (n) => 600_000 + 6_000 * n).map((e) => ({ ...e, atMs: e.atMs + 300 * dayMs })),
    ];
    const forecast = forecastOf(values, halfHourMs);
    expect(forecast).to.include({ kind: 'growing', drills: 60 });
  });

  it('keeps its date inside its interval, never before the newest drill, and the order of drills does not matter', () => {
    const anyNights = fc.array(fc.record({ day: fc.nat(170), value: fc.integer({ min: 0, max: 3_600_000 }) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(anyNights, (all) => {
        const values = all.map(({ day: n, value }) => ({ atMs: startMs + n * dayMs, value }));
        const forecast = forecastOf(values, halfHourMs);
        const mixed = forecastOf(values.toReversed(), halfHourMs);
        expect(mixed.kind).to.equal(forecast.kind);
        if (forecast.kind === 'steady') expect(forecast.trend.low).to.be.at.most(0);
        if (forecast.kind !== 'growing') return;
        const newestMs = Math.max(...values.map((each) => each.atMs));
        const { earliestMs, atMs, latestMs } = forecast;
        expect(forecast.trend.low).to.be.greaterThan(0);
        if (earliestMs !== null) expect(earliestMs).to.be.at.least(newestMs);
        expect(earliestMs ?? Infinity).to.be.at.most((atMs ?? Infinity) + 1);
        expect(atMs ?? Infinity).to.be.at.most((latestMs ?? Infinity) + 1);
      }),
    );
  });
});
