import { join } from 'node:path';
import { expect } from 'chai';
import type { DrillMoment } from '../../src/cli/context.ts';
import { runDrill } from '../../src/cli/drill.ts';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { isWarning } from '../../src/model/check.ts';
import type { Journal } from '../../src/model/journal.ts';
import { writeReports } from '../../src/report/write-reports.ts';
import { composedOf } from '../support/composed.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { fileEngine } from '../support/file-engine.ts';

const dayMs = 86_400_000;
const sunday = Date.parse('2026-11-01T01:30:00Z');
const night = (day: number) => new Date(sunday + day * dayMs).toISOString();

/** A company of one text, which is backed up and drilled each night; reports are kept, as the command does. */
async function company() {
  const given = await drillFixture();
  const reportsFolder = join(given.folder, 'reports');
  const drilled = async (day: number, usualSinceMs?: number): Promise<Journal> => {
    const now = () => new Date(sunday + day * dayMs + 1_800_000);
    const objectives = { rpoMs: dayMs, retentionDays: 56 };
    const services = [{ ...drillService('agama'), objectives, usualSinceMs }];
    const composed = {
      ...{ ...composedOf(given.vault, fileEngine as AnyEngine, ['agama']), reportsFolder },
      drillOrder: (name: string, _: readonly string[], moment: DrillMoment = {}) => ({
        ...given.order,
        name,
        services,
        ...moment,
      }),
    };
    const options = { name: 'nightly', services: [], goesOn: true };
    const journal = await runDrill(composed, options, new AbortController().signal, true, { ...systemClock, now });
    await writeReports(journal, reportsFolder);
    return journal;
  };
  /** A full of so many characters, and its drill. */
  const nightly = async (day: number, characters: number, usualSinceMs?: number) => {
    await given.backUpAt('agama', night(day), 'x'.repeat(characters), 'full');
    return drilled(day, usualSinceMs);
  };
  return { nightly, drilled, [Symbol.asyncDispose]: () => given[Symbol.asyncDispose]() };
}

const anomalyOf = ({ checks }: Journal) => checks.find(({ check }) => check === 'anomaly');

describe('what is unusual, in a life of drills', function () {
  this.timeout(180_000);

  it('is told after a week of verified backups: a purge is a warning, nothing at all a failure until it is said to be meant', async () => {
    await using given = await company();
    const journals: Journal[] = [];
    for (let day = 0; day < 8; day += 1) journals.push(await given.nightly(day, 1_000 + day));
    expect(journals.map(({ verdict }) => verdict.verdict)).to.deep.equal(journals.map(() => 'pass'));
    expect(journals.map((each) => anomalyOf(each))).to.deep.equal(journals.map(() => undefined));
    expect(journals[7]?.notes.join()).to.match(/agama: what is usual for its fulls cannot be told yet: .* 7 fulls/);
    expect(journals[7]?.services[0]?.members[0]?.measures).to.deep.include({
      ...{ contentBytes: 1_007, holds: { count: 1_007, unit: 'characters' } },
    });

    const purged = await given.nightly(8, 100);
    expect(anomalyOf(purged)).to.include({ outcome: 'pass' });
    expect(anomalyOf(purged)?.findings.map((each) => [isWarning(each), each.sentence])).to.deep.equal([
      [
        true,
        'agama: full-20261109T013000Z held 100 characters, and 8 verified backups of the last 30 days held 1,000 characters to 1,007 characters',
      ],
    ]);
    expect(purged.verdict).to.include({ verdict: 'pass' });
    expect(purged.verdict.sentence).to.match(/with 1 warning/);

    const empty = await given.nightly(9, 0);
    expect(empty.exitStatus).to.equal(3);
    expect(empty.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).to.deep.equal([
      'anomaly',
    ]);
    expect(empty.verdict.sentence).to.match(
      /full-20261110T013000Z holds nothing at all, and each of the 9 verified backups before it held at least 100 characters.*agama can be restored to 2026-11-09 01:30 UTC/,
    );
    const again = await given.drilled(9);
    expect(again.verdict.verdict, 'what failed is no norm').to.equal('fail');
    const meant = await given.nightly(10, 0, Date.parse(night(9)));
    expect(meant.verdict, JSON.stringify(anomalyOf(meant))).to.include({ verdict: 'pass' });
    expect(meant.notes.join()).to.match(/what is usual for its fulls cannot be told yet: .* 0 fulls/);
  });
});
