import { expect } from 'chai';
import fc from 'fast-check';
import { countedRows, indexedDrillOf, seriesOf } from '../../../src/model/indexed-drill.ts';
import { indexedDrillSchema } from '../../../src/model/indexed-drill-schema.ts';
import type { Journal } from '../../../src/model/journal.ts';
import { anyJournal } from '../../support/arbitrary-journal.ts';
import { demoJournal, failedDemoJournal } from '../../support/demo-journal.ts';
import { restoreRecord } from '../../support/journal.ts';
import { passed } from '../../support/results.ts';

const compared = (check: 'rows' | 'inventory', lines: [what: string, found: string][]) => ({
  ...passed(check),
  comparisons: lines.map(([what, found]) => ({ what, expected: '', found })),
});

const indexed = (journal: Journal) => {
  const drill = indexedDrillOf(journal);
  if (!drill) throw new Error('a real restore');
  return drill;
};

describe('countedRows', () => {
  it('adds up tables, reads values with thousands set apart, and takes an inventory where nothing else counts', () => {
    const tables = compared('rows', [
      ['agama.orders', '480113'],
      ['agama.customers', '40000'],
    ]);
    expect(countedRows([tables], 'agama')).to.equal(520_113);
    expect(countedRows([compared('rows', [['points', '5,401,822 values']])], 'agama')).to.equal(5_401_822);
    const listed = compared('inventory', [
      ['migrations', '279, last: x'],
      ['rows in 36 tables', '473'],
    ]);
    expect(countedRows([listed], 'agama')).to.equal(473);
    expect(countedRows([listed, tables], 'agama')).to.equal(520_113);
  });

  it('says nothing where something has no number, or belongs to another service', () => {
    const lost = compared('rows', [
      ['agama.orders', 'no table'],
      ['agama.customers', '40000'],
    ]);
    expect(countedRows([lost], 'agama')).to.equal(null);
    expect(countedRows([lost], 'telegraf')).to.equal(null);
    expect(countedRows([compared('rows', [['points', '1,2 values']])], 'agama')).to.equal(null);
    expect(countedRows([passed('rows')], 'agama')).to.equal(null);
  });
});

describe('indexedDrillOf', () => {
  it('keeps sizes of what came back, and of nothing else', () => {
    const services = indexed(failedDemoJournal()).services;
    expect(services.map(({ service, bytes, outcome }) => [service, bytes, outcome])).to.deep.equal([
      ['agama', 71_303_168, 'fail'],
      ['telegraf', null, 'fail'],
      ['latency', 3_145_728, 'pass'],
      ['grafana', 1_258_291, 'pass'],
    ]);
  });

  it('is none of a real restore', () => {
    expect(indexedDrillOf({ ...demoJournal(), restore: restoreRecord() })).to.equal(undefined);
  });

  it('is small and as its schema says, whatever the journal holds', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        const drill = indexedDrillOf(journal);
        expect(drill === undefined).to.equal(journal.restore !== undefined);
        if (!drill) return;
        expect(indexedDrillSchema.parse(JSON.parse(JSON.stringify(drill)))).to.deep.equal(drill);
        expect(JSON.stringify(drill).length).to.be.lessThan(8_000);
      }),
    );
  });

  it('is small also of a journal with huge names and a thousand services', () => {
    const [service] = demoJournal().services;
    const services = Array.from({ length: 1000 }, () => ({ ...service, service: 'W'.repeat(4000) }));
    const huge = demoJournal({
      services: services as Journal['services'],
      verdict: { verdict: 'fail', sentence: 'x'.repeat(1e6) },
    });
    expect(JSON.stringify(indexed(huge)).length).to.be.lessThan(20_000);
  });
});

describe('seriesOf', () => {
  it('parts drills of another name, vault, choice of services, or restore point', () => {
    const nightly = indexed(demoJournal());
    const others = [
      { ...nightly, name: 'weekly' },
      { ...nightly, vault: 'offsite' },
      { ...nightly, services: nightly.services.slice(1) },
      { ...nightly, ofNewestPoint: false },
    ];
    const all = new Set([nightly, ...others].map(seriesOf));
    expect(all.size).to.equal(5);
    expect(seriesOf({ ...nightly, id: 'x', services: nightly.services.toReversed() })).to.equal(seriesOf(nightly));
  });
});
