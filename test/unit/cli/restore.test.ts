import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Composed } from '../../../src/cli/context.ts';
import { type RestoreOptions, runRestore } from '../../../src/cli/restore.ts';
import { planLines } from '../../../src/cli/restore-lines.ts';
import type { AnyEngine, Carrier, Standing } from '../../../src/engines/engine.ts';
import type { RestorePlan } from '../../../src/flow/restore-order.ts';
import { composedOf } from '../../support/composed.ts';
import { drillFixture, drillService, noHost } from '../../support/drill-fixture.ts';
import { type FileSettings, fileEngine } from '../../support/file-engine.ts';
import { rejectionOf } from '../../support/rejection.ts';

const at = (hour: string) => `2026-11-22T${hour}:00.000Z`;

/** A service with two backups, and a target `other` in which `holds` stand; nothing that comes after the plan is done. */
async function company(standing: Partial<Standing<FileSettings>> = {}, more: Partial<Carrier<FileSettings>> = {}) {
  const given = await drillFixture();
  await given.backUpAt('one', at('01:30'), 'a', 'full');
  await given.backUpAt('one', at('12:00'), 'ab');
  const carrier: Carrier<FileSettings> = {
    parts: 'tables',
    look: async () => ({ holds: [], newest: null, backUpAs: null, ...standing }),
    carry: () => Promise.reject(new Error('this test carries nothing')),
    ...more,
  };
  const engine: AnyEngine = { ...fileEngine, carrier };
  const connect = async () => ({ ...noTarget, [Symbol.asyncDispose]: async () => {} });
  const composed: Composed = {
    ...composedOf(given.vault, engine, ['one', 'two']),
    drillOrder: (name, chosen, moment = {}) => ({
      ...given.order,
      services: chosen.map((service) => ({ ...drillService(service), engine })),
      ...{ name, ...moment },
    }),
    targets: [
      { target: 'other', engine: 'file', connect },
      { target: 'metrics', engine: 'influxdb', connect },
    ],
  };
  const plans: RestorePlan[] = [];
  const restore = (options: Partial<RestoreOptions> = {}, typed = 'one') =>
    runRestore(
      composed,
      { service: 'one', to: 'other', reason: 'hardware', replace: false, dryRun: true, unproven: false, ...options },
      {
        signal: new AbortController().signal,
        quiet: true,
        showPlan: (plan) => void plans.push(plan),
        typedName: async () => typed,
      },
    );
  return { given, restore, plans, [Symbol.asyncDispose]: () => given[Symbol.asyncDispose]() };
}

const noTarget = { service: 'one', host: noHost, settings: { content: '' } };

describe('runRestore', () => {
  it('shows what would be restored, to where, and what would be lost', async () => {
    const newest = { at: at('13:30'), basis: 'the text' };
    await using made = await company({ holds: ['a text of 3 bytes'], newest });
    const { plan, journal } = await made.restore();
    expect(journal).to.equal(null);
    expect(made.plans).to.deep.equal([plan]);
    expect(planLines(plan)).to.deep.equal([
      'restore   the whole of one (File), because of hardware',
      'into      other (local)',
      `point     ${at('12:00')}, from incr-20261122T120000Z and 1 member before it`,
      'replaces  a text of 3 bytes',
      `lost      what was written from the point until the newest event there, ${at('13:30')} (the text): 1 h 30 m`,
    ]);
  });

  it('restores an older backup by instant or by its name, and parts beside the live data', async () => {
    await using made = await company({ holds: ['a text'] });
    const older = { members: ['full-20261122T013000Z'], point: at('01:30') };
    expect((await made.restore({ at: at('11:59') })).plan).to.deep.include(older);
    expect((await made.restore({ at: 'full-20261122T013000Z' })).plan).to.deep.include(older);
    const { plan } = await made.restore({ tables: ['a, b', 'c', 'a'] });
    expect(plan).to.deep.include({ parts: ['a', 'b', 'c'], replaces: [], lostMs: null });
    expect(planLines(plan).at(-1)).to.equal('lost      nothing: what is there stays');
  });

  for (const [options, code, message, hint] of [
    [{ to: undefined }, 'USAGE', /^--to is missing/, /one of: source, other;/],
    [{ to: 'nowhere' }, 'USAGE', /^there is no target nowhere$/, /one of: source, other;/],
    [{ to: 'metrics' }, 'USAGE', /^target metrics is of engine influxdb$/, /source, other/],
    [{ service: 'three' }, 'USAGE', /^there is no service three; configured are one, two$/, /--help/],
    [{ service: 'two' }, 'NO_SUCH_SET', /holds no backup of two/, /firedrill list/],
    [{ at: 'yesterday' }, 'USAGE', /^--at takes an instant with its zone/, /--help/],
    [{ at: 'before:a:7' }, 'NO_SUCH_SET', /^no increment of one holds a:7$/, /find-statement one/],
    [{ at: 'incr-20261123T120000Z' }, 'NO_SUCH_SET', /holds no incr-20261123T120000Z of one/, /list one/],
    [{ at: at('12:00'), safetyCopy: '/x' }, 'USAGE', /a safety copy has one only/, /--help/],
    [{ safetyCopy: '/nowhere/at-all' }, 'VAULT_READ', /there is no folder \/nowhere\/at-all/, /./],
    [{ tables: ['a,,b'] }, 'USAGE', /^--tables takes names, and none of them is empty: a,,b$/, /--help/],
    [{ tables: [] }, 'USAGE', /^--tables takes names, and none of them is empty: nothing$/, /--help/],
    [
      { tables: ['a'], dashboards: ['b'] },
      'USAGE',
      /^--tables and --dashboards are for services of different/,
      /--tables/,
    ],
    [
      { measurements: ['a'] },
      'USAGE',
      /^of File no measurements can be restored beside the live data$/,
      /Of File: --tables/,
    ],
    [{ tables: ['a'], replace: true }, 'USAGE', /^--replace does not go with --tables/, /Leave out --replace/],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      await using made = await company();
      const error = await rejectionOf(made.restore(options));
      expect(error).to.have.property('code', code);
      expect(error.message).to.match(message);
      expect(error.hint).to.match(hint);
    });
  }

  it('says so of an engine that cannot be restored for real, or not in parts', async () => {
    await using whole = await company({}, { parts: undefined as never });
    expect((await rejectionOf(whole.restore({ tables: ['a'] }))).message).to.match(
      /^of File no tables can be restored beside/,
    );
  });

  it('takes a measurement whose name holds a comma or a blank as one', async () => {
    await using made = await company({}, { parts: 'measurements' });
    const { plan } = await made.restore({ measurements: ['we ird,me"as', ' '] });
    expect(plan.parts).to.deep.equal(['we ird,me"as', ' ']);
  });

  it('lets the engine look whether the backup holds the parts', async () => {
    const asked: unknown[] = [];
    const look: Carrier<FileSettings>['look'] = async (_target, newest, _activity, parts) => {
      asked.push([newest.id, parts]);
      return { holds: [], newest: null, backUpAs: null };
    };
    await using made = await company({}, { look });
    await made.restore({ tables: ['a'] });
    await made.restore();
    expect(asked).to.deep.equal([
      ['incr-20261122T120000Z', ['a']],
      ['incr-20261122T120000Z', undefined],
    ]);
  });

  it('touches nothing that is not empty without --replace and the name of the service', async () => {
    await using made = await company({ holds: ['a text'] });
    const refused = await rejectionOf(made.restore({ dryRun: false }));
    expect(refused).to.include({ code: 'TARGET_NOT_EMPTY', exit: 2, message: 'other is not empty: it holds a text' });
    const mistyped = await rejectionOf(made.restore({ dryRun: false, replace: true }, 'two'));
    expect(mistyped).to.include({ code: 'USAGE', message: 'what was typed is not one: nothing was changed at other' });
  });

  it('finds nothing in a folder that holds no safety copy', async () => {
    await using made = await company();
    const folder = join(made.given.folder, 'empty');
    await mkdir(folder);
    expect(await rejectionOf(made.restore({ safetyCopy: folder }))).to.include({ code: 'NO_SUCH_SET' });
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
