import { expect } from 'chai';
import { summaryOf } from '../../../src/model/drill-summary.ts';
import { demoJournal, failedDemoJournal } from '../../support/demo-journal.ts';
import { plantedFault, restoreRecord, sampleJournal } from '../../support/journal.ts';

describe('summaryOf', () => {
  it('keeps of a drill what it proved of each service, and to when its data came back', () => {
    const summary = summaryOf(demoJournal({ planted: plantedFault() }));
    expect(summary).to.include({
      name: 'nightly',
      vault: 'onsite',
      verdict: 'pass',
      ofNewestPoint: true,
      plantedCaught: true,
    });
    expect(summary?.services).to.have.length(4);
    expect(summary?.services[0]).to.deep.equal({
      service: 'agama',
      outcome: 'pass',
      dataAt: '2026-11-22T01:30:01.000Z',
    });
  });

  it('knows no instant of what did not come back, and no fault where none was planted', () => {
    const summary = summaryOf(failedDemoJournal());
    expect(summary?.services.find((each) => each.service === 'telegraf')).to.deep.include({
      outcome: 'fail',
      dataAt: null,
    });
    expect(summary?.plantedCaught).to.equal(null);
    expect(summaryOf(sampleJournal({ planted: plantedFault({ caughtBy: null }) }))?.plantedCaught).to.equal(false);
  });

  it('takes a real restore for no drill', () => {
    expect(summaryOf(sampleJournal({ restore: restoreRecord() }))).to.equal(undefined);
  });
});
