import { expect } from 'chai';
import fc from 'fast-check';
import type { CheckId } from '../../../src/model/check.ts';
import { renderMetrics } from '../../../src/report/render-metrics.ts';
import { anyJournal } from '../../support/arbitrary-journal.ts';
import { demoJournal, failedDemoJournal } from '../../support/demo-journal.ts';
import { plantedFault, sampleJournal } from '../../support/journal.ts';

const samplesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** The text format's own grammar: name, labels with escaped values, a number. */
const sample = /^firedrill_[a-z_]+\{([a-z]+="([^"\\\n]|\\[\\n"])*",?)+\} (-?[\d.e+-]+)$/;

describe('renderMetrics', () => {
  it('gives verdict, times, losses, bytes and costs, each with its unit', async () => {
    const samples = samplesOf(await renderMetrics(demoJournal()));
    expect(samples).to.include.members([
      'firedrill_verdict{drill="nightly",verdict="pass"} 1',
      'firedrill_verdict{drill="nightly",verdict="fail"} 0',
      'firedrill_rto_seconds{drill="nightly"} 41.87',
      'firedrill_rto_objective_seconds{drill="nightly"} 1800',
      'firedrill_own_cost_seconds{drill="nightly"} 2.14',
      'firedrill_drill_duration_seconds{drill="nightly"} 62',
      'firedrill_rpo_seconds{drill="nightly",service="agama"} 2699',
      'firedrill_rpo_objective_seconds{drill="nightly",service="agama"} 3600',
      'firedrill_restored_bytes{drill="nightly",service="agama"} 71303168',
      'firedrill_checks{drill="nightly",outcome="pass"} 49',
      'firedrill_started_timestamp_seconds{drill="nightly"} 1795313700',
    ]);
  });

  it('gives no number for what was not measured, so that no alarm is kept quiet', async () => {
    const samples = samplesOf(await renderMetrics(failedDemoJournal())).join('\n');
    expect(samples).to.not.match(/firedrill_(rto|own_cost)_seconds\{/);
    expect(samples).to.not.match(/(rpo_seconds|restored_bytes|ready_seconds|data_timestamp_seconds)\{.*"telegraf"/);
    expect(samples).to.match(/firedrill_rpo_seconds\{.*"agama"/);
    expect(samples).to.contain('firedrill_rpo_objective_seconds{drill="nightly",service="telegraf"} 86400');
  });

  it('says whether a planted fault was found, and nothing where none was planted', async () => {
    const sampleOf = async (caughtBy: CheckId | null) =>
      samplesOf(await renderMetrics(sampleJournal({ planted: plantedFault({ caughtBy }) }))).join('\n');
    expect(await sampleOf('chain')).to.contain('firedrill_planted_fault_caught{drill="nightly",saboteur="S31"} 1');
    expect(await sampleOf(null)).to.contain('firedrill_planted_fault_caught{drill="nightly",saboteur="S31"} 0');
    expect(await renderMetrics(sampleJournal())).to.not.contain('planted_fault');
  });

  it('lets no name forge a line or a label', async () => {
    await fc.assert(
      fc.asyncProperty(anyJournal, async (journal) => {
        const text = await renderMetrics(journal);
        for (const line of samplesOf(text)) expect(line).to.match(sample);
        expect(text.match(/^firedrill_verdict\{/gm)).to.have.length(3);
        expect(text.endsWith('\n')).to.equal(true);
      }),
    );
  });
});
