import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { GrafanaDatabase } from '../../../../src/engines/grafana/database/grafana-database.ts';
import { readSemantics } from '../../../../src/engines/grafana/database/semantics.ts';
import { changeDatabase, type Sample, sampleFile } from '../../../support/grafana-source.ts';
import { scratchFolder } from '../../../support/scratch.ts';

async function semanticsOf(sample: Sample, ...sql: string[]) {
  await using scratch = await scratchFolder();
  const file = join(scratch.path, 'g.db');
  await copyFile(sampleFile(sample), file);
  changeDatabase(file, ...sql);
  using db = new GrafanaDatabase(file, 'ARTIFACT_FORMAT');
  return readSemantics(db);
}

const setData = (uid: string, value: unknown) =>
  `UPDATE dashboard SET data = '${JSON.stringify(value)}' WHERE uid = '${uid}'`;

describe('the semantics of a grafana.db', () => {
  for (const sample of ['6.2.4', '7.3.6', '7.5.5', '7.5.5-later', '7.5.5-provisioned', '7.5.5-firing'] as const) {
    it(`find nothing wrong in ${sample}`, async () => {
      const { problems, panels, dashboards } = await semanticsOf(sample);
      expect(problems).to.deep.equal([]);
      expect(panels).to.be.greaterThan(51);
      expect(dashboards).to.be.greaterThan(12);
    });
  }

  const faults: [string, string, RegExp][] = [
    [
      'a data source that is gone',
      "DELETE FROM data_source WHERE name = 'Prometheus'",
      /uses the data source Prometheus, which does not exist/,
    ],
    [
      'one that is there in another organisation only',
      "UPDATE data_source SET org_id = 2 WHERE name = 'Prometheus'",
      /uses the data source Prometheus/,
    ],
    [
      'emptied panels',
      setData('nginx', { title: 'x', panels: [] }),
      /^dashboard nginx of organisation 1 has no panels$/,
    ],
    [
      'broken JSON',
      "UPDATE dashboard SET data = '{' WHERE uid = 'nginx'",
      /nginx of organisation 1 is not readable JSON/,
    ],
    [
      'a missing folder',
      "DELETE FROM dashboard WHERE uid = 'fold-hosts'",
      /node-exporter .* is in a folder that does not exist/,
    ],
    [
      'an alert without dashboard',
      "DELETE FROM dashboard WHERE uid = 'telegraf-system'",
      /alert CPU idle watch belongs to a dashboard that does not exist/,
    ],
    [
      'lost versions',
      "DELETE FROM dashboard_version WHERE dashboard_id = (SELECT id FROM dashboard WHERE uid = 'nginx')",
      /nginx .* has no version/,
    ],
    ['no server admin', 'UPDATE user SET is_admin = 0', /there is no server admin/],
    [
      'members that are no users',
      "DELETE FROM user WHERE login = 'bob'",
      /a membership of organisation 1 is of a user that does not exist/,
    ],
    [
      'members of no organisation',
      'DELETE FROM org WHERE id = 2',
      /is a member of an organisation that does not exist/,
    ],
  ];
  for (const [what, sql, sentence] of faults) {
    it(`tell of ${what}`, async () => {
      const { problems } = await semanticsOf('7.5.5', sql);
      expect(
        problems.some((each) => sentence.test(each)),
        problems.join('\n'),
      ).to.equal(true);
    });
  }

  it('look into collapsed rows, old rows, targets, variables and annotations', async () => {
    const panels = [
      { type: 'row', panels: [{ datasource: 'in-row' }] },
      {
        datasource: '-- Mixed --',
        targets: [{ datasource: { uid: 'in-target' } }, { datasource: { uid: '__expr__' } }],
      },
      ...['$known', '$stale', '$unknown'].map((datasource) => ({ datasource })),
      { datasource: null },
    ];
    const lists = {
      templating: {
        list: [
          { datasource: 'in-variable' },
          { name: 'known', type: 'datasource', current: { value: 'InfluxDB syslog' } },
          { name: 'stale', type: 'datasource', current: { value: 'chosen' } },
        ],
      },
      annotations: { list: [{ datasource: 'in-annotation' }] },
    };
    const data = { panels, rows: [{ panels: [{ datasource: 'in-old-row' }] }], ...lists };
    const { problems } = await semanticsOf('7.5.5', setData('nginx', data));
    const named = problems.map((each) => /data source (\S+),/.exec(each)?.[1]);
    expect(named).to.have.members([
      ...['in-row', 'in-target', 'in-variable', 'in-annotation', 'in-old-row', 'chosen', '$unknown'],
    ]);
  });

  it('take a data source by uid as well as by name', async () => {
    const data = {
      panels: [{ datasource: { type: 'influxdb', uid: 'gdMi47Rdz' } }, { datasource: 'InfluxDB syslog' }],
    };
    expect((await semanticsOf('7.5.5', setData('nginx', data))).problems).to.deep.equal([]);
  });

  it('are not thrown off by JSON of any shape', async () => {
    for (const data of [
      { panels: 7 },
      { panels: [null, 1, 'x', []] },
      { panels: [{ panels: { a: 1 } }], templating: [] },
      { rows: [{}] },
    ]) {
      expect((await semanticsOf('7.5.5', setData('nginx', data))).dashboards).to.equal(13);
    }
  });
});
