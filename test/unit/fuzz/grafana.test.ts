import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { GrafanaDatabase } from '../../../src/engines/grafana/database/grafana-database.ts';
import {
  assertIntegrity,
  assertKeys,
  assertWholeFile,
  plantedObjects,
} from '../../../src/engines/grafana/database/soundness.ts';
import { factsOf, readDatabaseFacts } from '../../../src/engines/grafana/facts.ts';
import { baseDiscontinuity, blocksOf } from '../../../src/engines/grafana/position.ts';
import { rebuild } from '../../../src/engines/grafana/restore/rebuild.ts';
import { makeScratchCopy } from '../../../src/engines/grafana/restore/scratch-copy.ts';
import { sealSecrets } from '../../../src/engines/grafana/secrets/seals.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { testActivity } from '../../support/activity.ts';
import { forgedMember, onlyCodedErrors, spoiled, spoiledJson } from '../../support/fuzz.ts';
import { applied, deltaBetween, pagesFile } from '../../support/grafana-pages.ts';
import { sampleFile } from '../../support/grafana-source.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const facts = {
  version: 1,
  installation: 'x',
  migrations: { count: 1, last: '' },
  tables: {},
  organisations: [],
  semantics: { dashboards: 0, panels: 0, problems: [] },
  newest: null,
  secrets: { salt: '0', columns: [] },
  files: [],
};

/** All that a drill does with a database before a server runs on it. */
async function readAll(path: string) {
  await assertWholeFile(path);
  using db = new GrafanaDatabase(path, 'ARTIFACT_FORMAT');
  if (plantedObjects(db).length > 0) return;
  assertKeys(db);
  assertIntegrity(db, 'ARTIFACT_FORMAT');
  readDatabaseFacts(db);
  sealSecrets(db, 'key', '0');
  await makeScratchCopy(path, `${path}.copy`);
}

describe('a forged Grafana backup: any', function () {
  this.timeout(600_000);

  it('database', async () => {
    await using scratch = await scratchFolder();
    const path = join(scratch.path, 'grafana.db');
    const sample = await readFile(sampleFile('7.5.5'));
    await onlyCodedErrors(
      spoiled(sample, sample.subarray(0, 4096), await readFile(sampleFile('6.2.4'))),
      async (bytes) => {
        await writeFile(path, bytes);
        await readAll(path);
      },
      60,
    );
  });

  it('page delta', async () => {
    const base = pagesFile([1, 2, 3, 4]);
    const delta = await deltaBetween(base, pagesFile([1, 9, 3, 4, 5, 6]));
    await onlyCodedErrors(spoiled(delta), (each) => applied(base, each), 300);
  });

  it('facts and position', async () => {
    const hashes = Buffer.alloc(24).toString('base64');
    const base = { bytes: 1024, sha256: '0'.repeat(64) };
    const position = { version: 1, base, pageBytes: 512, blockBytes: 512, blockHashes: hashes };
    const manifest = (part: object) => ({ id: 'x', ...part }) as unknown as Manifest;
    await onlyCodedErrors(spoiledJson(facts), (each) => factsOf(manifest({ facts: each })), 400);
    await onlyCodedErrors(
      spoiledJson(position),
      (each) => {
        blocksOf(manifest({ position: each }));
        baseDiscontinuity(manifest({ position }), manifest({ position: each }));
      },
      400,
    );
  });

  const changed = async (sql: string, look: (path: string) => unknown) => {
    await using scratch = await scratchFolder();
    const path = join(scratch.path, 'grafana.db');
    await copyFile(sampleFile('7.5.5'), path);
    {
      using db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
      db.exec('PRAGMA journal_mode = DELETE');
      db.exec(sql);
    }
    return await look(path);
  };
  const plantedIn = (path: string) => {
    using db = new GrafanaDatabase(path, 'ARTIFACT_FORMAT');
    return plantedObjects(db);
  };

  it('thing in the database that would compute while it is read', async () => {
    const planted: [string, string][] = [
      ['CREATE TRIGGER t AFTER UPDATE ON user BEGIN DELETE FROM dashboard; END', 'trigger t'],
      ['CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n', 'view v'],
      ['CREATE INDEX slow ON dashboard (length(hex(title)))', 'computed index slow'],
      ["CREATE INDEX some ON dashboard (title) WHERE title LIKE '%a%a%a%a%a%'", 'computed index some'],
      [
        "ALTER TABLE dashboard ADD COLUMN more TEXT AS (replace(title, 'a', title)) VIRTUAL",
        'computed column dashboard.more',
      ],
    ];
    for (const [sql, what] of planted) expect(await changed(sql, plantedIn), sql).to.deep.equal([what]);
    expect(plantedIn(sampleFile('7.5.5'))).to.deep.equal([]);
  });

  it('table without the keys that rows are looked up by: rows times rows would never end', async () => {
    const sql = 'CREATE TABLE copy AS SELECT * FROM user; DROP TABLE user; ALTER TABLE copy RENAME TO user';
    const failure = await rejectionOf(changed(sql, readAll) as Promise<unknown>);
    expect(failure).to.include({ code: 'ARTIFACT_FORMAT' });
    expect(failure.message).to.match(/table user has no key of its own/);
  });

  it('constraint: none is computed by us, and no planted foreign key deletes with what we delete', async () => {
    const sql = `CREATE TABLE bomb (a TEXT CHECK (length(hex(zeroblob(400000000))) > length(a)));
      PRAGMA ignore_check_constraints = ON; INSERT INTO bomb VALUES ('a'), ('b');
      CREATE TABLE hostage (p INTEGER REFERENCES dashboard_provisioning (id) ON DELETE CASCADE);
      INSERT INTO dashboard_provisioning (id, name, external_id) VALUES (77, 'x', 'x'); INSERT INTO hostage VALUES (77)`;
    await changed(sql, async (path) => {
      await readAll(path);
      using db = new DatabaseSync(`${path}.copy`, { readOnly: true });
      expect(db.prepare('SELECT count(*) AS n FROM dashboard_provisioning').get()).to.include({ n: 0 });
      expect(db.prepare('SELECT count(*) AS n FROM hostage').get()).to.include({ n: 1 });
    });
  });

  it('size: a database beyond its limit, or this machine’s disk, is not written', async () => {
    await using scratch = await scratchFolder();
    const member = (contentBytes: number) => {
      const forged = forgedMember(
        { facts: facts as unknown as Manifest['facts'] },
        { 'grafana.db': { role: 'database', content: Buffer.alloc(0) } },
      );
      for (const entry of forged.manifest.artifacts) entry.contentBytes = contentBytes;
      return forged;
    };
    const build = (bytes: number, most?: number) =>
      rejectionOf(rebuild([member(bytes)], scratch.path, testActivity(), most));
    expect(await build(2_000, 1_000)).to.include({ code: 'LIMIT_EXCEEDED' });
    expect(await build(2 ** 50)).to.include({ code: 'DISK_FULL' });
  });
});
