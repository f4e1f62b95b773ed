import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { makeScratchCopy } from '../../../../src/engines/grafana/restore/scratch-copy.ts';
import { changeDatabase, type Sample, sampleFile } from '../../../support/grafana-source.ts';
import { sampleFolder, standIn } from '../../../support/grafana-stand-in.ts';
import { rejectionOf } from '../../../support/rejection.ts';

async function scratchCopyOf(
  sample: Sample,
  sql: string[],
  look: (place: { folder: string; copy: string }, login: string) => Promise<void> | void,
) {
  await using place = await sampleFolder(sample);
  const pristine = join(place.folder, 'pristine.db');
  changeDatabase(place.database, ...sql, `VACUUM INTO '${pristine}'`);
  const login = await makeScratchCopy(pristine, place.database);
  await look({ folder: place.folder, copy: place.database }, `${login.username}:${login.password}`);
}

describe('the scratch copy of a restored Grafana', function () {
  this.timeout(20_000);

  for (const sample of ['6.2.4', '7.3.6', '7.5.5'] as const) {
    it(`lets us into every organisation of ${sample}, as server admin`, async () => {
      await scratchCopyOf(sample, ['DELETE FROM org_user WHERE org_id = 2'], async ({ folder }, login) => {
        await using grafana = await standIn(folder);
        expect(await grafana.ask('/api/orgs', { login })).to.deep.include({ status: 200 });
        const { body } = await grafana.ask('/api/search?type=dash-db', { login, orgId: 2 });
        expect(body).to.have.length(1);
        expect((await grafana.ask('/api/orgs')).status, 'the old password').to.equal(401);
      });
    });
  }

  it('takes the first server admin who is not disabled, and makes one where there is none', async () => {
    const cases: [string[], string][] = [
      [
        ["UPDATE user SET is_admin = 1 WHERE login = 'carol'", "UPDATE user SET is_disabled = 1 WHERE login = 'admin'"],
        'carol',
      ],
      [['UPDATE user SET is_admin = 0'], 'admin'],
      [['ALTER TABLE user ADD COLUMN is_service_account INT', 'UPDATE user SET is_service_account = id < 3'], 'bob'],
    ];
    for (const [sql, name] of cases) {
      await scratchCopyOf('7.5.5', sql, ({ copy }, login) => {
        expect(login.split(':')[0]).to.equal(name);
        using db = new DatabaseSync(copy, { readOnly: true });
        expect(db.prepare('SELECT is_admin FROM user WHERE login = ?').get(name)).to.deep.include({ is_admin: 1 });
      });
    }
  });

  it('makes the password new each time, and random', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 3; i += 1) await scratchCopyOf('7.5.5', [], (_, login) => void seen.add(login));
    expect(seen.size).to.equal(3);
  });

  it('forgets provisioning, so that nothing of it is deleted', async () => {
    await scratchCopyOf('7.5.5-provisioned', [], async ({ folder }, login) => {
      await using grafana = await standIn(folder);
      const { body } = await grafana.ask('/api/search?type=dash-db', { login, orgId: 1 });
      expect(body).to.have.length(15);
    });
  });

  it('leaves the pristine file as it was', async () => {
    await using place = await sampleFolder();
    await makeScratchCopy(sampleFile('7.5.5'), place.database);
    expect(await readFile(sampleFile('7.5.5'))).to.not.deep.equal(await readFile(place.database));
    using db = new DatabaseSync(sampleFile('7.5.5'), { readOnly: true });
    expect(db.prepare('PRAGMA integrity_check').get()).to.deep.include({ integrity_check: 'ok' });
  });

  it('is refused without any user who could log in', async () => {
    for (const sql of ['UPDATE user SET is_disabled = 1', 'DELETE FROM user']) {
      const failure = await rejectionOf(scratchCopyOf('7.5.5', [sql], () => {}));
      expect(failure).to.include({ code: 'RESTORE_FAILED' });
    }
  });

  it('is refused when the database is not as Grafana makes it', async () => {
    const failure = await rejectionOf(
      scratchCopyOf('7.5.5', ['ALTER TABLE org_user RENAME COLUMN role TO rank'], () => {}),
    );
    expect(failure).to.include({ code: 'RESTORE_FAILED' });
    expect(failure.message).to.match(/cannot be prepared: .*role/);
  });
});
