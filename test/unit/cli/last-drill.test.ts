import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastDrillOf } from '../../../src/cli/last-drill.ts';
import type { CheckResult } from '../../../src/model/check.ts';
import type { Journal } from '../../../src/model/journal.ts';
import { restoreRecord, sampleJournal } from '../../support/journal.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { passed } from '../../support/results.ts';
import { scratchFolder } from '../../support/scratch.ts';

const night = (day: number) => `2026-11-${day}T02:15:00.000Z`;
const rpoOf = (...services: string[]): CheckResult[] => services.map((service) => ({ ...passed('rpo'), service }));

/** A drill of that night, which judged the gaps of these services. */
function drillOf(day: number, services: string[], change: Partial<Journal['drill']> = {}): Journal {
  const { drill, ...rest } = sampleJournal({ checks: rpoOf(...services) });
  const id = `202611${day}T021500Z-nightly`;
  return { ...rest, drill: { ...drill, id, startedAt: night(day), asOf: night(day), services, ...change } };
}

async function reports(...journals: (Journal | { id: string; text: string })[]) {
  const scratch = await scratchFolder();
  for (const each of journals) {
    const [id, text] = 'text' in each ? [each.id, each.text] : [each.drill.id, JSON.stringify(each)];
    await mkdir(join(scratch.path, id));
    await writeFile(join(scratch.path, id, 'journal.json'), text);
  }
  const last = (services: string[], before = night(30)) =>
    lastDrillOf({ reportsFolder: scratch.path, vault: 'onsite', services, before: new Date(before) });
  const lastNight = async (services: string[], before?: string) => (await last(services, before))?.toISOString();
  return { lastNight, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

describe('lastDrillOf', () => {
  it('takes the newest drill of this vault before the moment', async () => {
    await using given = await reports(
      drillOf(22, ['one']),
      drillOf(23, ['one']),
      drillOf(24, ['one'], { vault: 'other' }),
    );
    expect(await given.lastNight(['one'])).to.equal(night(23));
    expect(await given.lastNight(['one'], night(23))).to.equal(night(22));
    expect(await given.lastNight(['one'], night(22))).to.equal(undefined);
  });

  it('counts no drill of an instant of its own choice, no real restore, and none that judged no ages', async () => {
    const before = { ...drillOf(25, ['one']), checks: rpoOf() };
    const notJudged = { ...drillOf(26, ['one']), checks: [{ ...passed('rpo'), service: 'one', outcome: 'not-run' }] };
    await using given = await reports(
      drillOf(22, ['one']),
      drillOf(24, ['one'], { asOf: night(20) }),
      { ...drillOf(23, ['one']), restore: restoreRecord() },
      before,
      notJudged as Journal,
    );
    expect(await given.lastNight(['one'])).to.equal(night(22));
  });

  it('loses no gap of a service that was drilled less often than the others', async () => {
    await using given = await reports(drillOf(22, ['one', 'two']), drillOf(23, ['one']));
    expect(await given.lastNight(['one', 'two'])).to.equal(night(22));
    expect(await given.lastNight(['one'])).to.equal(night(23));
    expect(await given.lastNight(['one', 'new'])).to.equal(night(23));
    expect(await given.lastNight(['new'])).to.equal(undefined);
  });

  it('passes over journals that are broken or absent, and what is no drill', async () => {
    await using given = await reports(
      drillOf(22, ['one']),
      { id: '20261127T021500Z-nightly', text: '{"format":' },
      { id: 'notes', text: JSON.stringify(drillOf(28, ['one'])) },
    );
    expect(await given.lastNight(['one'])).to.equal(night(22));
    const order = { vault: 'onsite', services: ['one'], before: new Date() };
    expect(await lastDrillOf({ ...order, reportsFolder: '/nowhere/reports' })).to.equal(undefined);
    expect(await rejectionOf(lastDrillOf({ ...order, reportsFolder: import.meta.filename }))).to.include({
      code: 'VAULT_READ',
    });
  });
});
