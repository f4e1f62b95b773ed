import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { StateMetrics } from '../../src/report/render-state-metrics.ts';
import { failedDemoJournal } from '../support/demo-journal.ts';
import { plantedFault } from '../support/journal.ts';
import { dashboard, promtoolPath } from '../support/prometheus.ts';
import { drillAt, reportsOf } from '../support/reports.ts';
import { scratchFolder } from '../support/scratch.ts';

const deploy = join(import.meta.dirname, '../../deploy/prometheus');

function promtool(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(promtoolPath(), args, { input, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

describe('Prometheus', function () {
  this.timeout(60_000);

  it('takes the alert rules, and they raise the alarm when they should, and only then', () => {
    const rules = promtool(['check', 'rules', join(deploy, 'firedrill.rules.yml')]);
    expect(rules.status, rules.said).to.equal(0);
    expect(rules.said).to.match(/SUCCESS: 10 rules found/);
    const tests = promtool(['test', 'rules', join(deploy, 'firedrill.rules.test.yml')]);
    expect(tests.status, tests.said).to.equal(0);
  });

  it('understands every query of the dashboard', async () => {
    await using scratch = await scratchFolder();
    const rules = dashboard().panels.flatMap(({ targets }) =>
      targets.map(({ expr }, i) => ({ record: `panel:${i}`, expr })),
    );
    expect(rules.length).to.be.greaterThan(12);
    const file = join(scratch.path, 'dashboard.yml');
    // JSON is YAML, too.
    await writeFile(file, JSON.stringify({ groups: rules.map((rule, i) => ({ name: `panel ${i}`, rules: [rule] })) }));
    const judged = promtool(['check', 'rules', file]);
    expect(judged.status, judged.said).to.equal(0);
  });

  it('reads the metrics, and has nothing against their names', async () => {
    const passed = drillAt('2026-11-21T02:15:00.000Z', { planted: plantedFault() });
    const failed = { ...failedDemoJournal(), drill: drillAt('2026-11-22T02:15:00.000Z').drill };
    await using reports = await reportsOf(passed, failed);
    const judged = promtool(['check', 'metrics'], await new StateMetrics(reports.folder).render());
    expect(judged).to.deep.equal({ status: 0, said: '' });
  });
});
