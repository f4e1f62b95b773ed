import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DrillMoment } from '../../../src/cli/context.ts';
import { type DrillOptions, parseSeed, runDrill } from '../../../src/cli/drill.ts';
import type { AnyEngine } from '../../../src/engines/engine.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { timedDrillOf } from '../../../src/model/restore-estimate.ts';
import { composedOf } from '../../support/composed.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { fileEngine } from '../../support/file-engine.ts';
import { sampleJournal } from '../../support/journal.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { passed } from '../../support/results.ts';

const named = { ...fileEngine, increments: { ...fileEngine.increments, holds: () => true } } as AnyEngine;

/** What a drill of services `one` and `two` would be ordered to do; its last one was on 22 November. */
async function momentOf(options: Partial<DrillOptions>, planted = false): Promise<DrillMoment | undefined> {
  await using given = await drillFixture();
  const journal = sampleJournal({ checks: ['one', 'two'].map((service) => ({ ...passed('rpo'), service })) });
  await mkdir(join(given.folder, 'reports', journal.drill.id), { recursive: true });
  await writeFile(join(given.folder, 'reports', journal.drill.id, 'journal.json'), JSON.stringify(journal));
  let ordered: DrillMoment | undefined;
  const composed = {
    ...composedOf(given.vault, named, ['one', 'two']),
    ...{ reportsFolder: join(given.folder, 'reports'), planted },
    drillOrder: (_: string, __: readonly string[], moment: DrillMoment = {}): never => {
      ordered = moment;
      throw new FiredrillError('INTERRUPTED', 'enough was seen');
    },
  };
  const error = await rejectionOf(
    runDrill(composed, { name: 'x', services: [], ...options }, new AbortController().signal, true),
  );
  if (error.code !== 'INTERRUPTED') throw error;
  return ordered;
}

describe('runDrill', () => {
  const last = new Date('2026-11-22T02:15:00.000Z');
  const later = '2026-11-23T00:00:00Z';

  it('orders what is newest, an instant, or the moment before a change', async () => {
    expect(await momentOf({})).to.deep.equal({});
    expect(await momentOf({ at: later })).to.deep.equal({ asOf: new Date(later) });
    expect(await momentOf({ at: 'before:3e11fa47-71ca:9', services: ['two'] })).to.deep.equal({
      before: '3e11fa47-71ca:9',
    });
  });

  it('goes on from the last drill, of an instant from the last one before it', async () => {
    const earlier = [timedDrillOf(sampleJournal())];
    expect(await momentOf({ goesOn: true })).to.deep.equal({ since: last, past: [], earlier });
    expect(await momentOf({ goesOn: true, at: later })).to.deep.equal({
      asOf: new Date(later),
      since: last,
      past: [],
      earlier,
    });
    expect(await momentOf({ goesOn: true, at: '2026-11-22T02:00:00Z' })).to.not.have.property('since');
  });

  it('says what to type when a change is named without its service', async () => {
    const error = await rejectionOf(momentOf({ at: 'before:a:9' }));
    expect(error).to.include({ code: 'USAGE', exit: 2, hint: 'Type: firedrill drill --service one --at before:a:9' });
    expect(await rejectionOf(momentOf({ at: 'before:$(reboot)', services: ['one'] }))).to.include({ code: 'USAGE' });
  });

  it('plants a fault by chance where the configuration wants one, and the one that was asked for', async () => {
    expect(await momentOf({})).to.not.have.property('plantedSeed');
    const seeds = [await momentOf({}, true), await momentOf({}, true)].map((each) => each?.plantedSeed);
    expect(new Set(seeds).size).to.equal(2);
    expect(await momentOf({ at: '2026-11-22T01:30:00Z' }, true)).to.not.have.property('plantedSeed');
    for (const planted of [true, false]) expect(await momentOf({ seed: 42 }, planted)).to.include({ plantedSeed: 42 });
  });
});

describe('parseSeed', () => {
  it('takes what a drill reports, and nothing else', () => {
    for (const seed of [0, 42, 2 ** 32 - 1]) expect(parseSeed(`${seed}`)).to.equal(seed);
    for (const text of ['-1', '1.5', 'x', '', '4294967296']) {
      expect(() => parseSeed(text), text).to.throw(/--seed takes a whole number from 0 to 4294967295/);
    }
  });
});
