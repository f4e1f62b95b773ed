import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { GrafanaDatabase } from '../../../../src/engines/grafana/database/grafana-database.ts';
import { type Kind, readInventory } from '../../../../src/engines/grafana/database/inventory.ts';
import { newestEdit } from '../../../../src/engines/grafana/database/newest.ts';
import { readTables } from '../../../../src/engines/grafana/database/tables.ts';
import { factsOf, readFacts } from '../../../../src/engines/grafana/facts.ts';
import type { Manifest } from '../../../../src/model/manifest.ts';
import { changeDatabase, type Sample, sampleFile, sampleKey } from '../../../support/grafana-source.ts';
import { rejectionOf } from '../../../support/rejection.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const open = (file: string) => new GrafanaDatabase(file, 'ARTIFACT_FORMAT');

async function onChanged<T>(sample: Sample, sql: string[], look: (db: GrafanaDatabase) => T): Promise<T> {
  await using scratch = await scratchFolder();
  const file = join(scratch.path, 'g.db');
  await copyFile(sampleFile(sample), file);
  changeDatabase(file, ...sql);
  using db = open(file);
  return look(db);
}

const inventoryOf = (sample: Sample) => {
  using db = open(sampleFile(sample));
  return readInventory(db);
};

const counts = (sample: Sample) =>
  inventoryOf(sample).map(({ name, items }) => [
    name,
    items.dashboards.length,
    items.folders.length,
    items.dataSources.length,
  ]);

const hashes = (sample: Sample, kind: Kind = 'dashboards') =>
  new Map(inventoryOf(sample)[0]?.items[kind].map(({ key, sha256 }) => [key, sha256]));

const readAll = (db: GrafanaDatabase) => readFacts(db, sampleKey, []);

describe('the facts of a grafana.db', () => {
  for (const sample of ['6.2.4', '7.3.6', '7.5.5'] as const) {
    it(`list what is in the sample of ${sample}`, () => {
      expect(counts(sample)).to.deep.equal([
        ['Main Org.', 12, 3, 4],
        ['Lab', 1, 0, 1],
      ]);
      const [{ items } = { items: {} as never }] = inventoryOf(sample);
      const { alerts, channels, users, teams, playlists } = items;
      expect([alerts, channels, users, teams, playlists].map(({ length }) => length)).to.deep.equal([9, 3, 5, 2, 1]);
    });
  }

  it('tell which version wrote the database', () => {
    const migrations = (['6.2.4', '7.3.6', '7.5.5'] as const).map((sample) => {
      using db = open(sampleFile(sample));
      return readAll(db).migrations.count;
    });
    expect(migrations).to.deep.equal([220, 265, 279]);
  });

  it('show what changed in a day: one dashboard added, one edited, one deleted', () => {
    const [before, after] = [hashes('7.5.5'), hashes('7.5.5-later')];
    const edited = [...before].filter(([uid, hash]) => after.has(uid) && after.get(uid) !== hash).map(([uid]) => uid);
    expect({ added: [...after.keys()].filter((uid) => !before.has(uid)), edited }).to.deep.equal({
      added: ['postfix'],
      edited: ['nginx'],
    });
    expect([...before.keys()].filter((uid) => !after.has(uid))).to.deep.equal(['influxdb-internal']);
  });

  it('hash a dashboard the same as text and as blob, whatever the order of its keys', async () => {
    const before = hashes('7.5.5').get('nginx');
    const again = await onChanged(
      '7.5.5',
      ["UPDATE dashboard SET data = CAST(json_set(data, '$.id', 4711) AS BLOB) WHERE uid = 'nginx'"],
      (db) => readInventory(db)[0]?.items.dashboards.find(({ key }) => key === 'nginx')?.sha256,
    );
    expect(again).to.equal(before);
  });

  it('notice one character in the JSON of a dashboard', async () => {
    const changed = await onChanged(
      '7.5.5',
      ["UPDATE dashboard SET data = replace(CAST(data AS TEXT), 'id', 'iD') WHERE uid = 'nginx'"],
      (db) => readInventory(db)[0]?.items.dashboards.find(({ key }) => key === 'nginx')?.sha256,
    );
    expect(changed).to.be.a('string').and.not.equal(hashes('7.5.5').get('nginx'));
  });

  it('hash a dashboard with the version of its row, as the API shows it', async () => {
    const hashAfter = (sql: string) =>
      onChanged(
        '7.5.5',
        [sql],
        (db) => readInventory(db)[0]?.items.dashboards.find(({ key }) => key === 'nginx')?.sha256,
      );
    const before = hashes('7.5.5').get('nginx');
    const stale = "UPDATE dashboard SET data = json_remove(CAST(data AS TEXT), '$.version') WHERE uid = 'nginx'";
    expect(await hashAfter(stale)).to.equal(before);
    expect(await hashAfter("UPDATE dashboard SET version = version + 1 WHERE uid = 'nginx'")).to.not.equal(before);
  });

  it('leave out service accounts, which the API lists apart', async () => {
    const members = await onChanged(
      '7.5.5',
      ['ALTER TABLE user ADD COLUMN is_service_account INT', "UPDATE user SET is_service_account = login = 'bob'"],
      (db) => readInventory(db)[0]?.items.users.map(({ key }) => key),
    );
    expect(members).to.deep.equal(['admin', 'alice', 'carol', 'dora']);
  });

  it('have a hash of JSON that is broken, or nested deeper than any program reads', async () => {
    const deep = `'${'[1,'.repeat(3)}' || replace(hex(zeroblob(100000)), '00', '[')`;
    const found = await onChanged(
      '7.5.5',
      [
        "UPDATE dashboard SET data = '{broken' WHERE uid = 'nginx'",
        `UPDATE dashboard SET data = ${deep} WHERE uid = 'mysql-overview'`,
      ],
      (db) => readInventory(db)[0]?.items.dashboards.filter(({ key }) => ['nginx', 'mysql-overview'].includes(key)),
    );
    expect(found?.map(({ sha256 }) => sha256)).to.satisfy((all: string[]) =>
      all.every((hash) => /^[0-9a-f]{64}$/.test(hash)),
    );
  });

  it('say nothing of the login in the URL of a data source', async () => {
    const hashOfUrl = (url: string) =>
      onChanged('7.5.5', [`UPDATE data_source SET url = '${url}' WHERE id = 3`], (db) =>
        readInventory(db)[0]?.items.dataSources.find(({ key }) => key === 'Prometheus'),
      );
    expect(await hashOfUrl('http://me:secret@host:9090')).to.deep.equal(await hashOfUrl('http://host:9090'));
    expect(await hashOfUrl('http://host:9091')).to.not.deep.equal(await hashOfUrl('http://host:9090'));
  });

  it('list alert rules and contact points, as from Grafana 9 on', async () => {
    const config = {
      alertmanager_config: {
        receivers: [{ name: 'ops', grafana_managed_receiver_configs: [{ uid: 'cp1', name: 'ops', type: 'email' }] }],
      },
    };
    const [org] = await onChanged(
      '7.5.5',
      [
        `CREATE TABLE alert_rule (id INTEGER PRIMARY KEY, org_id INT, uid TEXT, title TEXT, condition TEXT, data TEXT,
          namespace_uid TEXT, rule_group TEXT, "for" INT)`,
        `INSERT INTO alert_rule VALUES (1, 1, 'rule1', 'CPU', 'A', '[]', 'fold-hosts', 'g', 60)`,
        'CREATE TABLE alert_configuration (id INTEGER PRIMARY KEY, org_id INT, alertmanager_configuration TEXT)',
        `INSERT INTO alert_configuration VALUES (1, 1, '${JSON.stringify(config)}')`,
      ],
      readInventory,
    );
    expect(org?.items.alertRules.map(({ key }) => key)).to.deep.equal(['rule1']);
    expect(org?.items.contactPoints.map(({ key }) => key)).to.deep.equal(['cp1']);
  });

  it('leave out dashboards in the bin of Grafana 11', async () => {
    const [org] = await onChanged(
      '7.5.5',
      [
        'ALTER TABLE dashboard ADD COLUMN deleted DATETIME',
        "UPDATE dashboard SET deleted = '2026-11-22' WHERE uid = 'nginx'",
      ],
      readInventory,
    );
    expect(org?.items.dashboards).to.have.length(11);
  });

  it('name the newest edit, in UTC', async () => {
    const sql = ["UPDATE dashboard SET updated = '2026-11-23 10:11:12' WHERE uid = 'nginx'"];
    expect(await onChanged('7.5.5', sql, newestEdit)).to.deep.equal({
      at: '2026-11-23T10:11:12.000Z',
      basis: 'dashboard.updated',
    });
    const none = ['dashboard', 'data_source', 'user', 'org'].map((table) => `DELETE FROM ${table}`);
    expect(await onChanged('7.5.5', none, newestEdit)).to.equal(null);
  });

  it('are accepted back from a manifest, and refused when they are not those of this engine', async () => {
    using db = open(sampleFile('7.5.5'));
    const facts = readAll(db);
    const manifest = (value: unknown) => ({ id: 'full-1', facts: JSON.parse(JSON.stringify(value)) }) as Manifest;
    expect(factsOf(manifest(facts))).to.deep.equal(facts);
    for (const wrong of [null, {}, { ...facts, tables: 1 }, { ...facts, extra: 1 }]) {
      const failure = await rejectionOf((async () => factsOf(manifest(wrong)))());
      expect(failure.code).to.equal('MANIFEST_INVALID');
    }
  });

  it('hold no secret', () => {
    using db = open(sampleFile('7.5.5'));
    const [{ password } = {}] = db.all("SELECT password FROM user WHERE login = 'admin'");
    expect(JSON.stringify(readAll(db)))
      .to.not.include(String(password))
      .and.not.match(/S3cret|SW2YcwTI/);
  });
});

describe('the digest of a table', () => {
  const digest = (...sql: string[]) => onChanged('7.5.5', sql, (db) => readTables(db).annotation);

  it('notices any value, its type, and NULL', async () => {
    const seen = await Promise.all([
      digest(),
      digest("UPDATE annotation SET text = text || ' ' WHERE id = 1"),
      digest("UPDATE annotation SET metric = x'31'"),
      digest("UPDATE annotation SET metric = '1'"),
      digest('UPDATE annotation SET epoch = epoch + 1 WHERE id = 3'),
      digest('UPDATE annotation SET epoch = 9007199254740993'),
      digest('UPDATE annotation SET epoch = 9007199254740992'),
    ]);
    expect(new Set(seen.map((table) => table?.sha256)).size).to.equal(seen.length);
    expect(new Set(seen.map((table) => table?.rows))).to.deep.equal(new Set([12]));
  });

  it('is the same wherever the rows lie in the file', async () => {
    expect(await digest('VACUUM')).to.deep.equal(await digest());
    expect(
      await digest(
        'CREATE TEMP TABLE t AS SELECT * FROM annotation',
        'DELETE FROM annotation',
        'INSERT INTO annotation SELECT * FROM t ORDER BY id DESC',
      ),
    ).to.deep.equal(await digest());
  });

  it('never asks for a planted generated column', async () => {
    const bomb = 'ALTER TABLE annotation ADD COLUMN bomb BLOB GENERATED ALWAYS AS (zeroblob(900000000)) VIRTUAL';
    expect((await digest(bomb))?.rows).to.equal(12);
  });
});
