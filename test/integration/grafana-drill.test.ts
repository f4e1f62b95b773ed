import { randomBytes } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { GrafanaClient } from '../../src/engines/grafana/client.ts';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { grafanaRecipe } from '../../src/engines/grafana/restore/recipe.ts';
import { makeScratchCopy } from '../../src/engines/grafana/restore/scratch-copy.ts';
import { awaitHealth, startServer } from '../../src/engines/grafana/restore/start.ts';
import { type RestoredGrafana, restoreGrafana } from '../../src/engines/grafana/restore.ts';
import { backUp } from '../../src/flow/backup.ts';
import { drill } from '../../src/flow/drill.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { drillMember } from '../support/grafana-drill.ts';
import { useOwnKey } from '../support/grafana-secrets.ts';
import { changeDatabase, grafanaContainer, sampleFile } from '../support/grafana-source.ts';
import {
  backedUpSample,
  overwrite,
  provideFiles,
  type Spoilable,
  spoil,
  spoilDatabase,
} from '../support/grafana-spoil.ts';
import { sampleFolder, standIn } from '../support/grafana-stand-in.ts';
import { images } from '../support/images.ts';
import { dumpToMember, testKeys } from '../support/member.ts';
import { withBay } from '../support/pod.ts';
import { rejectionOf } from '../support/rejection.ts';
import { until } from '../support/until.ts';

describe('a drill of Grafana', function () {
  this.timeout(90_000);
  let sealed: Spoilable;

  before(async () => {
    sealed = await backedUpSample('7.5.5');
  });
  after(() => sealed[Symbol.asyncDispose]());
  const untouched = () => spoil(sealed, 'grafana.db', () => {});

  describe('passes', () => {
    it('a backup of a live container, with a result for each check that the engine declares', async () => {
      await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
      await using member = await dumpToMember(grafanaEngine, grafana.source);
      const drilled = await drillMember(member.member);
      expect(drilled.failed, drilled.said).to.deep.equal([]);
      expect(drilled.results.map(({ check }) => check)).to.deep.equal(grafanaEngine.drills);
      expect(drilled.results.every(({ outcome }) => outcome === 'pass')).to.equal(true);
      expect(drilled.newest?.at).to.match(/^2026-11-/);
      const inventory = drilled.results.find(({ check }) => check === 'inventory');
      const dashboards = inventory?.comparisons.find(({ what }) => what.startsWith('dashboards of Main Org.'));
      expect(dashboards).to.include({ expected: '12, 12', found: '12, 12' });
    });

    it('in a whole drill, which says by whom it was judged', async () => {
      await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
      await using given = await drillFixture();
      const { service, host, settings } = grafana.source;
      const order = { engine: grafanaEngine, source: grafana.source, vault: given.vault, timeZone: 'UTC' };
      await backUp({ ...order, signingKey: testKeys.privateKey }, testActivity());
      const imageFor = () => images().grafana;
      const services = [
        { ...drillService(service), engine: grafanaEngine, settings, host: host.label, quietMs: null, imageFor },
      ];
      const journal = await drill({ ...given.order, services }, testActivity());
      expect(journal.verdict, JSON.stringify(journal.checks)).to.include({ verdict: 'pass' });
      const isStandIn = images().grafana.includes('stand-in');
      expect(journal.services[0]?.image?.standIn).to.equal(isStandIn);
      expect(journal.notes.some((note) => /judged by a stand-in/.test(note))).to.equal(isStandIn);
    });

    const benign: [string, (path: string) => void | Promise<void>][] = [
      ['an artifact that was only compressed again', () => {}],
      ['a database that was vacuumed: the same rows in other pages', (path) => new DatabaseSync(path).exec('VACUUM')],
    ];
    for (const [what, change] of benign) {
      it(what, async () => {
        const drilled = await drillMember(await spoil(sealed, 'grafana.db', change));
        expect(drilled.failed, drilled.said).to.deep.equal([]);
      });
    }

    it('provisioned dashboards: they are not deleted for want of their provider', async () => {
      await using provisioned = await backedUpSample('7.5.5-provisioned', { prepare: provideFiles });
      const drilled = await drillMember(provisioned.member);
      expect(drilled.failed, drilled.said).to.deep.equal([]);
      const inventory = drilled.results.find(({ check }) => check === 'inventory');
      expect(inventory?.comparisons.find(({ what }) => what.startsWith('dashboards of Main'))?.found).to.equal(
        '15, 15',
      );
    });

    it('a Grafana with a secret_key of its own, kept in its grafana.ini', async () => {
      const key = 'a key of our own';
      const prepare = ({ database }: { database: string }) => useOwnKey(database, key);
      await using other = await backedUpSample('7.5.5', { prepare, ini: `[security]\nsecret_key = ${key}\n` });
      const drilled = await drillMember(other.member);
      expect(drilled.failed, drilled.said).to.deep.equal([]);
      const secrets = drilled.results.find(({ check }) => check === 'secrets');
      expect(secrets?.comparisons[0]?.what).to.match(/the grafana\.ini that was backed up/);
    });

    it('what the source had wrong already: that is no fault of the backup', async () => {
      const sql = "DELETE FROM data_source WHERE name = 'Prometheus'";
      await using wrong = await backedUpSample('7.5.5', { prepare: ({ database }) => changeDatabase(database, sql) });
      const drilled = await drillMember(wrong.member);
      expect(drilled.failed, drilled.said).to.deep.equal([]);
    });
  });

  describe('names', () => {
    const faults: [string, string[], string, RegExp][] = [
      [
        'a byte in the JSON of a dashboard',
        ["UPDATE dashboard SET data = replace(CAST(data AS TEXT), 'id', 'iD') WHERE uid = 'nginx'"],
        'content',
        /nginx, one of the dashboards of Main Org\., is not the same/,
      ],
      ['a dashboard whose JSON is broken', ["UPDATE dashboard SET data = '{' WHERE uid = 'nginx'"], 'content', /nginx/],
      [
        'a dashboard that is gone',
        ["DELETE FROM dashboard WHERE uid = 'nginx'"],
        'inventory',
        /the restored database lacks 1 of the dashboards of Main Org\.: nginx/,
      ],
      [
        'a dashboard that was put in',
        [
          "INSERT INTO dashboard (version, slug, title, data, org_id, created, updated, uid) VALUES (1, 'x', 'x', '{}', 2, '', '', 'planted')",
        ],
        'inventory',
        /has in excess 1 of the dashboards of Lab: planted/,
      ],
      [
        'a data source that is gone',
        ["DELETE FROM data_source WHERE name = 'Prometheus'"],
        'inventory',
        /lacks 1 of the data sources of Main Org\.: Prometheus/,
      ],
      [
        'a folder that is gone',
        ["DELETE FROM dashboard WHERE uid = 'fold-apps'"],
        'inventory',
        /lacks 1 of the folders of Main Org\.: fold-apps/,
      ],
      ['alerts that are gone', ['DELETE FROM alert'], 'inventory', /lacks 9 of the alerts/],
      [
        'a member that is gone',
        ['DELETE FROM org_user WHERE user_id = 3'],
        'inventory',
        /lacks 1 of the members of Main Org\.: bob/,
      ],
      [
        'an organisation that is gone',
        ['DELETE FROM org WHERE id = 2'],
        'inventory',
        /lacks 1 of the organisations: Lab \(2\)/,
      ],
      [
        'versions that are gone',
        ['DELETE FROM dashboard_version WHERE id = 1'],
        'inventory',
        /dashboard_version has 22 rows, not the 23/,
      ],
      [
        'a database of another version of Grafana',
        ['DELETE FROM migration_log WHERE id > 265'],
        'inventory',
        /written by another version of Grafana/,
      ],
      [
        'a password that was exchanged',
        [`UPDATE user SET password = '${'0'.repeat(100)}' WHERE login = 'alice'`],
        'secrets',
        /the secret of user alice/,
      ],
      [
        'a secret that is too short to be one',
        [
          `UPDATE data_source SET secure_json_data = '{"password":"${randomBytes(12).toString('base64')}"}' WHERE id = 1`,
        ],
        'secrets',
        /InfluxDB telegraf of organisation 1: password is not what it was/,
      ],
      [
        'a planted trigger',
        ['CREATE TRIGGER evil AFTER UPDATE ON user BEGIN DELETE FROM dashboard; END'],
        'hostile-input',
        /trigger evil/,
      ],
    ];
    for (const [what, sql, check, sentence] of faults) {
      it(`${what}, as ${check}`, async () => {
        const drilled = await drillMember(await spoilDatabase(sealed, ...sql));
        expect(drilled.failed, drilled.said).to.include(check);
        expect(drilled.said).to.match(sentence);
      });
    }

    it('only the content when only the content of one dashboard has changed', async () => {
      const sql = "UPDATE dashboard SET data = replace(CAST(data AS TEXT), 'id', 'iD') WHERE uid = 'nginx'";
      expect((await drillMember(await spoilDatabase(sealed, sql))).failed).to.deep.equal(['content']);
    });

    it('an empty database, on which a server is as healthy as can be', async () => {
      await using place = await sampleFolder();
      await using fresh = await standIn(place.folder);
      await fresh.stop();
      const drilled = await drillMember(await spoil(sealed, 'grafana.db', (path) => copyFile(place.database, path)));
      expect(drilled.failed, drilled.said).to.include.members(['inventory', 'secrets']);
      expect(drilled.outcome('restore-run')).to.equal('pass');
    });

    it('a changed file beside the database', async () => {
      const ini = (path: string) => overwrite(path, 512 + 1, Buffer.from('SECURITY'));
      const drilled = await drillMember(await spoil(sealed, 'files.tar', ini));
      expect(drilled.failed, drilled.said).to.deep.equal(['content']);
      expect(drilled.said).to.match(/the file .*grafana\.ini is not the same/);
    });
  });

  describe('is silent', () => {
    const stateOf = async ({ server, login }: Pick<RestoredGrafana, 'server' | 'login'>) => {
      const client = new GrafanaClient(() => server.socketPath(), new AbortController().signal, login);
      const { body } = await client.get('/api/alerts', 1);
      return (body as { name: string; state: string }[]).find(({ name }) => name === 'Firing')?.state;
    };

    it('over a database whose alert fires at once', async () => {
      await using firing = await backedUpSample('7.5.5-firing');
      let state: string | undefined;
      const drilled = await drillMember(firing.member, {}, async (restored) => {
        await sleep(restored.standIn ? 3_000 : 20_000);
        state = await stateOf(restored);
      });
      expect(drilled.failed, drilled.said).to.deep.equal([]);
      expect(state).to.equal('unknown');
    });

    it('because of its settings: without them the same copy fires', async () => {
      await withBay({ service: 'grafana', image: images().grafana }, async (bay) => {
        const copy = join(bay.scratchFolder, 'copy.db');
        const login = await makeScratchCopy(sampleFile('7.5.5-firing'), copy);
        const loud = grafanaRecipe(false);
        loud.env.GF_ALERTING_EXECUTE_ALERTS = 'true';
        const loudBay = { ...bay, holder: bay.holder, scratchFolder: bay.scratchFolder, start: () => bay.start(loud) };
        const server = await startServer(loudBay, copy, undefined, new AbortController().signal);
        await awaitHealth(server, new AbortController().signal);
        await until(
          'the alert fires',
          async () => ((await stateOf({ server, login })) === 'alerting' ? true : undefined),
          40_000,
        );
      });
    });
  });

  describe('says whose fault it is', () => {
    it('when no server comes up', async () => {
      await withBay({ service: 'grafana', image: images().influxdb }, async (bay) => {
        const failure = await rejectionOf(restoreGrafana([await untouched()], bay, testActivity()));
        expect(failure.code).to.equal('RESTORE_FAILED');
        expect(failure.message).to.match(/ended with status/);
      });
    });

    it('when it is stopped', async () => {
      const stop = new AbortController();
      await withBay({ service: 'grafana', image: images().grafana }, async (bay) => {
        const member = await untouched();
        const running = rejectionOf(restoreGrafana([member], bay, testActivity(stop.signal)));
        stop.abort();
        expect((await running).code).to.equal('INTERRUPTED');
      });
    });
  });
});
