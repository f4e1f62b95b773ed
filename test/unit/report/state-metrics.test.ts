import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Journal } from '../../../src/model/journal.ts';
import { recordDelivery } from '../../../src/report/deliveries.ts';
import { StateMetrics } from '../../../src/report/render-state-metrics.ts';
import { failedDemoJournal } from '../../support/demo-journal.ts';
import { hostileNames } from '../../support/hostile.ts';
import { plantedFault, restoreRecord } from '../../support/journal.ts';
import { alertRules, dashboard, metricsIn } from '../../support/prometheus.ts';
import { drillAt, reportsOf } from '../../support/reports.ts';

const night = (day: string, change: Partial<Journal> = {}) => drillAt(`2026-11-${day}T02:15:00.000Z`, change);

const failedNight = (day: string): Journal => ({ ...failedDemoJournal(), drill: night(day).drill });

const samplesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

async function samples(...journals: Journal[]): Promise<string[]> {
  await using reports = await reportsOf(...journals);
  return samplesOf(await new StateMetrics(reports.folder).render());
}

const mail = (outcome: 'accepted' | 'refused') => ({
  ...{ at: '2026-11-22T02:20:00.000Z', channel: 'mail' as const, about: 'd', outcome, messageId: '<1@x>', reply: '' },
  ...(outcome === 'accepted' ? { accepted: ['a@x'], refused: [] } : { accepted: [], refused: ['a@x'] }),
});

const named = (journal: Journal, name: string): Journal => ({
  ...journal,
  drill: { ...journal.drill, name, id: journal.drill.id.replace(/nightly$/, name) },
});

describe('StateMetrics', () => {
  it('tells of each name its newest drill', async () => {
    const found = await samples(night('20'), named(failedNight('21'), 'burned'), night('22'));
    expect(found).to.include.members([
      'firedrill_verdict{drill="nightly",verdict="pass"} 1',
      'firedrill_verdict{drill="burned",verdict="fail"} 1',
      'firedrill_started_timestamp_seconds{drill="nightly"} 1795313700',
      'firedrill_rto_seconds{drill="nightly"} 41.87',
      'firedrill_rpo_seconds{drill="nightly",service="agama"} 2699',
      'firedrill_restored_bytes{drill="nightly",service="agama"} 71303168',
    ]);
    expect(
      found.filter((line) => line.startsWith('firedrill_started_timestamp_seconds{drill="nightly"')),
    ).to.have.length(1);
  });

  it('tells of each service and vault what is proven: a drill that failed does not make that newer', async () => {
    const found = await samples(night('21'), failedNight('22'));
    expect(found).to.include.members([
      'firedrill_service_outcome{service="agama",vault="onsite",outcome="pass"} 0',
      'firedrill_service_outcome{service="agama",vault="onsite",outcome="fail"} 1',
      'firedrill_service_outcome{service="latency",vault="onsite",outcome="pass"} 1',
    ]);
    const proven = Date.parse('2026-11-22T01:30:01.000Z') / 1000;
    expect(found).to.include(`firedrill_verified_data_timestamp_seconds{service="agama",vault="onsite"} ${proven}`);
    const never = await samples(failedNight('22'));
    expect(never.join('\n')).to.not.match(/verified_data_timestamp_seconds\{service="agama"/);
    expect(never.join('\n')).to.match(/verified_data_timestamp_seconds\{service="latency"/);
  });

  it('counts no drill of an older moment, no real restore, and no name that was drilled long ago', async () => {
    const older = named(night('22'), 'older');
    const of = (journal: Journal): Journal => ({
      ...journal,
      drill: { ...journal.drill, asOf: '2026-11-01T00:00:00.000Z' },
    });
    const restored = named(night('22', { restore: restoreRecord() }), 'restored');
    const long = named(drillAt('2026-09-01T02:15:00.000Z'), 'try');
    const found = (await samples(long, night('21'), of(older), restored)).join('\n');
    expect(found).to.not.match(/drill="(older|restored|try)"/);
    expect(found).to.contain('drill="nightly"');
  });

  it('says whether the mail about the newest drill was accepted, and nothing where none was sent', async () => {
    const [older, newest] = [night('21'), night('22')];
    await using reports = await reportsOf(older, newest);
    const state = new StateMetrics(reports.folder);
    expect(await state.render()).to.not.contain('mail_accepted');
    await recordDelivery(reports.of(older), mail('accepted'));
    expect(await state.render()).to.not.contain('firedrill_mail_accepted{');
    await recordDelivery(reports.of(newest), mail('refused'));
    const refused = samplesOf(await state.render());
    expect(refused).to.include('firedrill_mail_accepted{drill="nightly"} 0');
    expect(refused).to.include(
      `firedrill_mail_accepted_timestamp_seconds ${Date.parse('2026-11-22T02:20:00Z') / 1000}`,
    );
    await recordDelivery(reports.of(newest), mail('accepted'));
    expect(samplesOf(await state.render())).to.include('firedrill_mail_accepted{drill="nightly"} 1');
  });

  it('reckons the share of planted faults that were found', async () => {
    const planted = (caughtBy: 'chain' | null) => ({ planted: plantedFault({ caughtBy }) });
    const found = await samples(
      night('19', planted('chain')),
      night('20', planted(null)),
      night('21', planted('chain')),
      night('22'),
    );
    expect(found).to.include.members([
      'firedrill_planted_faults 3',
      'firedrill_planted_faults_found 2',
      'firedrill_kill_rate 0.6666666666666666',
    ]);
    expect((await samples(night('22'))).join()).to.not.contain('kill_rate');
  });

  it('reads each journal once, and sees new ones', async () => {
    const first = night('21');
    await using reports = await reportsOf(first);
    const state = new StateMetrics(reports.folder);
    await state.render();
    await writeFile(join(reports.of(first), 'journal.json'), 'no journal any more');
    expect(await state.render()).to.contain('1795227300');
    const next = night('22');
    await mkdir(reports.of(next));
    await writeFile(join(reports.of(next), 'journal.json'), JSON.stringify(next));
    expect(await state.render()).to.contain('1795313700');
    await rm(reports.of(next), { recursive: true });
    expect(await state.render()).to.not.contain('1795313700');
  });

  it('passes over what is no journal, and tells of a folder without any nothing', async () => {
    await using reports = await reportsOf(night('21'), night('22'));
    await appendFile(join(reports.folder, '20261122T021500Z-nightly', 'journal.json'), '}');
    expect(await new StateMetrics(reports.folder).render()).to.contain('1795227300');
    expect(samplesOf(await new StateMetrics('/nowhere').render())).to.deep.equal([]);
  });

  it('lets no name forge a line or a label', async () => {
    const services = hostileNames.flatMap((service) =>
      night('22')
        .services.slice(0, 1)
        .map((each) => ({ ...each, service })),
    );
    const found = await samples({ ...night('22', { services }), checks: [] });
    const sample = /^firedrill_[a-z_]+(\{([a-z]+="([^"\\\n]|\\[\\n"])*",?)+\})? -?[\d.e+-]+$/;
    for (const line of found) expect(line).to.match(sample);
  });

  it('has every metric that alert rules and dashboard ask for', async () => {
    const planted = night('21', { planted: plantedFault() });
    const newest = night('22', { planted: plantedFault() });
    await using reports = await reportsOf(planted, newest);
    await recordDelivery(reports.of(newest), mail('accepted'));
    const told = new Set(metricsIn(samplesOf(await new StateMetrics(reports.folder).render()).join('\n')));
    const asked = metricsIn(
      alertRules() +
        dashboard()
          .panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
          .join(' '),
    );
    expect(asked.length).to.be.greaterThan(12);
    expect(asked.filter((name) => !told.has(name))).to.deep.equal([]);
  });
});

describe('the dashboard', () => {
  it('has its panels side by side, and takes the data source that is chosen', () => {
    const { panels, templating } = dashboard();
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    for (const [i, { gridPos: a }] of panels.entries()) {
      expect(a.x + a.w).to.be.at.most(24);
      const over = panels
        .slice(i + 1)
        .filter(({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h);
      expect(over.map(({ title }) => title)).to.deep.equal([]);
    }
    expect(templating.list).to.deep.include.members([
      { ...templating.list[0], name: 'datasource', type: 'datasource' },
    ]);
    for (const { targets } of panels)
      for (const { datasource } of targets) expect(datasource.uid).to.match(/^\$\{datasource\}$/);
  });
});
