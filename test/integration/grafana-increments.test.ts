import { copyFile, cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { BackedUp } from '../../src/flow/backup.ts';
import type { CheckId } from '../../src/model/check.ts';
import type { Journal } from '../../src/model/journal.ts';
import { digestOf } from '../support/grafana-pages.ts';
import { changeDatabase, sampleFile } from '../support/grafana-source.ts';
import { type StandIn, sampleFolder, standIn } from '../support/grafana-stand-in.ts';
import { grafanaVault, tablesOf } from '../support/grafana-vault.ts';
import { rejectionOf } from '../support/rejection.ts';
import { until } from '../support/until.ts';
import { contentAt, resealAt, rewriteAt } from '../support/vault-member.ts';

const sunday = '2026-11-22T01:30:00.000Z';
const monday = '2026-11-23T01:30:00.000Z';
const tuesday = '2026-11-24T01:30:00.000Z';
const wednesday = '2026-11-25T01:30:00.000Z';

async function save(grafana: StandIn, uid: string, text: string) {
  const dashboard = { uid, title: `About ${uid}`, panels: [{ id: 1, type: 'text', text }] };
  const { status, body } = await grafana.ask('/api/dashboards/db', { body: { dashboard, overwrite: true } });
  expect(status, JSON.stringify(body)).to.equal(200);
}

const uidsOf = ({ manifest }: BackedUp) =>
  (manifest.facts as unknown as { organisations: { items: { dashboards: { key: string; sha256: string }[] } }[] })
    .organisations[0]?.items.dashboards ?? [];

interface IncrementPosition {
  base: { sha256: string };
  result: { bytes: number; sha256: string };
  changed: number;
}
const positionOf = ({ manifest }: BackedUp) => manifest.position as unknown as IncrementPosition;

const outcomeOf = ({ checks }: Journal, check: CheckId) =>
  checks.filter((each) => each.check === check && each.service === 'grafana').map(({ outcome }) => outcome);
const said = ({ checks }: Journal) =>
  checks.flatMap(({ findings }) => findings.map(({ sentence }) => sentence)).join('\n');

describe('increments of Grafana', function () {
  this.timeout(90_000);

  it('are the edits of each night, small, and restored exactly to each', async () => {
    await using place = await sampleFolder('7.5.5');
    await using grafana = await standIn(place.folder);
    const ini = join(place.folder, 'grafana.ini');
    await writeFile(ini, '[security]\n');
    await using vault = await grafanaVault(grafana, [ini]);
    const full = await vault.backup(sunday, 'full');
    const members: { member: BackedUp; tables: unknown }[] = [];
    const night = async (at: string) => {
      const member = await vault.backup(at);
      members.push({ member, tables: tablesOf(grafana.database) });
      return member;
    };

    await save(grafana, 'notes', 'x'.repeat(30_000));
    await save(grafana, 'nginx', 'edited');
    const first = await night(monday);
    await grafana.ask('/api/dashboards/uid/haproxy', { method: 'DELETE' });
    await save(grafana, 'notes', 'shorter');
    await writeFile(ini, '[security]\n; a remark\n');
    await night(tuesday);
    const quiet = await night(wednesday);

    for (const { member, tables } of members) {
      expect(member).to.deep.include({ promoted: null });
      expect(member.manifest).to.deep.include({ kind: 'incremental' });
      expect(member.manifest.parent?.id).to.equal(full.id);
      const rebuilt = await vault.rebuilt(full, member);
      expect({ bytes: rebuilt.bytes, sha256: rebuilt.sha256 }).to.deep.equal(positionOf(member).result);
      expect(rebuilt.tables).to.deep.equal(tables);
      expect(rebuilt.facts.tables).to.deep.equal(tables);
      expect((await vault.verify(member)).map(({ outcome }) => outcome)).to.deep.equal(['pass', 'pass', 'pass']);
    }
    expect(uidsOf(first).map(({ key }) => key)).to.include.members(['notes', 'haproxy']);
    expect(uidsOf(quiet).map(({ key }) => key))
      .to.include('notes')
      .and.not.include('haproxy');
    const nginx = [full, first].map((each) => uidsOf(each).find(({ key }) => key === 'nginx')?.sha256);
    expect(nginx[0]).to.not.equal(nginx[1]);
    expect((await vault.rebuilt(full, quiet)).files[0]).to.include({ bytes: 22 });
    expect(positionOf(first).changed).to.be.greaterThan(5).and.lessThan(70);
    const bytesOf = ({ manifest }: BackedUp, role: string) =>
      manifest.artifacts.find((each) => each.role === role)?.bytes;
    expect(bytesOf(first, 'delta')).to.be.lessThan(Number(bytesOf(full, 'database')) / 2);
  });

  it('are a database of 7.5.5 some days later: added, edited, deleted', async () => {
    await using place = await sampleFolder('7.5.5');
    const grafana = await standIn(place.folder);
    await using vault = await grafanaVault(grafana);
    const full = await vault.backup(sunday, 'full');
    await grafana.stop();
    await copyFile(sampleFile('7.5.5-later'), place.database);
    await using again = await standIn(place.folder);
    const settings = { ...vault.source.settings, port: again.port };
    const later = await vault.backup(monday, 'incremental', { ...vault.source, settings });
    expect(later).to.include({ promoted: null });
    const [before, after] = [full, later].map((each) => new Map(uidsOf(each).map(({ key, sha256 }) => [key, sha256])));
    expect([...(after?.keys() ?? [])].filter((uid) => !before?.has(uid))).to.deep.equal(['postfix']);
    expect([...(before?.keys() ?? [])].filter((uid) => !after?.has(uid))).to.deep.equal(['influxdb-internal']);
    expect(after?.get('nginx')).to.be.a('string').and.not.equal(before?.get('nginx'));
    expect((await vault.rebuilt(full, later)).tables).to.deep.equal(tablesOf(place.database));
  });

  for (const wal of ['false', 'true']) {
    it(`are consistent while it is written${wal === 'true' ? ', in WAL mode' : ''}`, async () => {
      await using place = await sampleFolder('7.5.5');
      await using grafana = await standIn(place.folder, { GF_DATABASE_WAL: wal });
      await using vault = await grafanaVault(grafana);
      let [saved, going] = [0, true];
      const load = (async () => {
        for (; going; saved += 1) {
          await save(grafana, `busy-${saved % 3}`, 'x'.repeat(3_000));
          await sleep(10);
        }
      })();
      try {
        await until('some saves', async () => saved > 3 || undefined);
        const full = await vault.backup(sunday, 'full');
        for (const at of [monday, tuesday, wednesday]) {
          const acknowledged = saved;
          const member = await vault.backup(at);
          const { sha256, tables, facts } = await vault.rebuilt(full, member);
          expect(sha256).to.equal(positionOf(member).result.sha256);
          expect(tables).to.deep.equal(facts.tables);
          expect(tables.dashboard_version?.rows).to.be.at.least(23 + acknowledged);
        }
      } finally {
        going = false;
        await load;
      }
    });
  }

  describe('become a new full, and say why,', () => {
    const reasons: [string, RegExp, (place: { database: string }) => Promise<void> | void][] = [
      [
        'when more than half of the pages differ',
        /^\d+ of \d+ pages differ from full-20261122T013000Z: more than half$/,
        // Repacking moves everything.
        ({ database }) => changeDatabase(database, 'DELETE FROM migration_log WHERE id > 20', 'VACUUM'),
      ],
      [
        'when the page size is another one',
        /^pages have 8.0 KiB now, in full-20261122T013000Z they have 4.0 KiB$/,
        ({ database }) => changeDatabase(database, 'PRAGMA page_size = 8192', 'VACUUM'),
      ],
      [
        'when it is another installation',
        /^full-20261122T013000Z was made of another installation of Grafana$/,
        async ({ database }) => {
          await copyFile(sampleFile('7.5.5'), database);
          changeDatabase(database, "UPDATE migration_log SET timestamp = '2020-01-01 00:00:00' WHERE id < 9");
        },
      ],
    ];
    for (const [what, why, change] of reasons) {
      it(what, async () => {
        await using place = await sampleFolder('7.5.5');
        await using grafana = await standIn(place.folder);
        await using vault = await grafanaVault(grafana);
        await vault.backup(sunday, 'full');
        await change(place);
        const { promoted, manifest } = await vault.backup(monday);
        expect(promoted).to.match(why);
        expect(manifest).to.include({ kind: 'full' });
        const next = await vault.backup(tuesday);
        expect(next.manifest.parent?.id).to.equal(manifest.id);
      });
    }

    it('when its version is another one, or the full does not say its pages', async () => {
      await using place = await sampleFolder('7.5.5');
      await using grafana = await standIn(place.folder);
      await using vault = await grafanaVault(grafana);
      const folder = vault.folderOf(await vault.backup(sunday, 'full'));
      await resealAt(folder, ({ source }) => Object.assign(source, { engineVersion: '7.5.4' }));
      const { promoted, manifest } = await vault.backup(monday);
      expect(promoted).to.match(/^full-\S+ was made of Grafana 7\.5\.4, which is 7\.5\.5(-stand-in)? now$/);
      await resealAt(join(folder, '..', manifest.id), (body) => Object.assign(body, { position: null }));
      expect((await vault.backup(tuesday)).promoted).to.match(/does not say which pages it holds/);
    });
  });

  describe('in a drill', () => {
    let place: Awaited<ReturnType<typeof sampleFolder>>;
    let grafana: StandIn;
    let made: Awaited<ReturnType<typeof grafanaVault>>;
    let nights: BackedUp[];
    const at = '2026-11-25T02:00:00.000Z';

    // Sunday's full, and three nights with an edit before each.
    before(async () => {
      place = await sampleFolder('7.5.5');
      grafana = await standIn(place.folder);
      made = await grafanaVault(grafana);
      await made.backup(sunday, 'full');
      nights = [];
      for (const each of [monday, tuesday, wednesday]) {
        await save(grafana, `night-${nights.length}`, each);
        nights.push(await made.backup(each));
      }
    });
    after(async () => {
      await grafana.stop();
      await made[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });

    /** A copy of that week's vault, to be spoiled. */
    async function week() {
      const vault = await grafanaVault(grafana);
      await cp(made.folder, vault.folder, { recursive: true });
      return { ...vault, last: nights.at(-1) as BackedUp };
    }

    it('fail as chain when an increment names another base', async () => {
      await using given = await week();
      await resealAt(given.folderOf(given.last), (body) => {
        Object.assign((body.position as unknown as IncrementPosition).base, { sha256: 'a'.repeat(64) });
      });
      const journal = await given.drilled(at);
      expect(outcomeOf(journal, 'chain')).to.deep.equal(['fail']);
      expect(said(journal)).to.match(/it was made on the database a{12}…, not on /);
    });

    const damages: [string, CheckId, RegExp, (folder: string) => Promise<void>][] = [
      [
        'as manifest for a byte of the delta',
        'manifest',
        /grafana\.pages of .* is not what was sealed/,
        async (folder) => {
          const stored = await readFile(join(folder, 'grafana.pages'));
          stored.writeUInt8(stored.readUInt8(200) ^ 1, 200);
          await writeFile(join(folder, 'grafana.pages'), stored);
        },
      ],
      [
        'as format for a changed page that the manifest was made to fit',
        'format',
        /block \d+ is not what its hash says/,
        async (folder) => {
          const delta = await contentAt(folder, 'grafana.pages');
          delta.writeUInt8(delta.readUInt8(2_000) ^ 1, 2_000);
          await rewriteAt(folder, 'grafana.pages', delta);
        },
      ],
      [
        'as completeness for a delta without its end',
        'completeness',
        /ends before its end mark/,
        async (folder) => {
          const delta = await contentAt(folder, 'grafana.pages');
          await rewriteAt(folder, 'grafana.pages', delta.subarray(0, -5));
        },
      ],
    ];
    for (const [what, check, sentence, damage] of damages) {
      it(`fail ${what}, offline as well`, async () => {
        await using given = await week();
        await damage(given.folderOf(given.last));
        const journal = await given.drilled(at, { walkBack: 0 });
        expect(outcomeOf(journal, check)).to.include('fail');
        expect(said(journal)).to.match(sentence);
        expect((await rejectionOf(given.verify(given.last))).message).to.match(sentence);
      });
    }
  });

  it('of a database of 20 MB are as small as its edits, and the full says little more', async () => {
    await using place = await sampleFolder('7.5.5');
    changeDatabase(
      place.database,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
       INSERT INTO dashboard_version (dashboard_id, parent_version, restored_from, version, created, created_by, message, data)
       SELECT 7, i, 0, i + 100, datetime('now'), 1, '', hex(randomblob(20000)) FROM n`,
    );
    expect((await stat(place.database)).size).to.be.greaterThan(20e6);
    await using grafana = await standIn(place.folder);
    await using vault = await grafanaVault(grafana);
    const full = await vault.backup(sunday, 'full');
    for (let i = 0; i < 20; i += 1) await save(grafana, `edit-${i}`, 'y'.repeat(2_000));
    const member = await vault.backup(monday);
    expect(positionOf(member).changed).to.be.lessThan(300);
    const delta = member.manifest.artifacts.find(({ role }) => role === 'delta');
    expect(delta?.bytes).to.be.lessThan(200_000);
    expect(JSON.stringify(full.manifest.position).length).to.be.lessThan(120_000);
    const { sha256 } = await vault.rebuilt(full, member);
    expect(sha256).to.equal(positionOf(member).result.sha256);
    expect(digestOf(await readFile(place.database)).bytes).to.equal(positionOf(member).result.bytes);
  });
});
