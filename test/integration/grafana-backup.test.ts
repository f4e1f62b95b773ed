import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Source } from '../../src/engines/engine.ts';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { type GrafanaSettings, grafanaSettings } from '../../src/engines/grafana/settings.ts';
import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { runToEnd } from '../../src/hosts/output.ts';
import { Secret } from '../../src/model/secret.ts';
import { testActivity } from '../support/activity.ts';
import { closedPort } from '../support/file-engine.ts';
import { useOwnKey } from '../support/grafana-secrets.ts';
import { changeDatabase, grafanaContainer, sampleFile, sampleKey } from '../support/grafana-source.ts';
import { overwrite } from '../support/grafana-spoil.ts';
import { type AskOptions, type StandIn, sampleFolder, standIn } from '../support/grafana-stand-in.ts';
import { dumpToMember } from '../support/member.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';
import { startSshd } from '../support/sshd.ts';
import { until } from '../support/until.ts';

type Ask = (path: string, options: AskOptions) => Promise<{ status: number }>;

/** Saves a dashboard again and again; says how often, and what was acknowledged when. */
function keepSaving(ask: Ask, pauseMs: number) {
  const saved: { version: number; at: number }[] = [];
  let going = true;
  const running = (async () => {
    for (let version = 1; going; version += 1) {
      const dashboard = { uid: 'busy', title: 'Busy', panels: [{ id: version, text: 'x'.repeat(20_000) }] };
      const { status } = await ask('/api/dashboards/db', { body: { dashboard, overwrite: true } });
      if (status !== 200) throw new Error(`saving answered ${status}`);
      saved.push({ version, at: Date.now() });
      await sleep(pauseMs);
    }
  })();
  const stop = async () => {
    going = false;
    await running;
  };
  return { saved, [Symbol.asyncDispose]: stop };
}

/** Backs up while somebody saves: what was acknowledged before the instant of the backup must be in it. */
async function backUpUnderLoad(source: Source<GrafanaSettings>, ask: Ask, rounds: number) {
  const methods = new Set<string>();
  await using load = keepSaving(ask, 20);
  await until('some saves', async () => load.saved[3]);
  for (let round = 0; round < rounds; round += 1) {
    await using sealed = await dumpToMember(grafanaEngine, source);
    const results = await grafanaEngine.verify(sealed.member, testActivity());
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(['pass', 'pass', 'pass']);
    const { dataAt, facts, tools } = sealed.member.manifest;
    const before = load.saved.filter(({ at }) => at < Date.parse(dataAt)).length;
    const versions =
      (facts as unknown as { tables: { dashboard_version: { rows: number } } }).tables.dashboard_version.rows - 23;
    expect(versions).to.be.at.least(before);
    methods.add(String(tools.copy));
  }
  expect(load.saved.length).to.be.greaterThan(10);
  return [...methods];
}

const localSource = (grafana: StandIn, host: Host, changes: Partial<GrafanaSettings> = {}) => ({
  service: 'grafana',
  host,
  settings: { ...grafanaSettings.parse({ database: grafana.database, files: [], port: grafana.port }), ...changes },
});

describe('a backup of Grafana', function () {
  this.timeout(90_000);
  const temporary = process.env.TMPDIR;
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;

  // Scratch files of this test only: whatever is left in there was left by us.
  before(async () => {
    scratch = await scratchFolder();
    process.env.TMPDIR = scratch.path;
  });
  after(async () => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
    await scratch[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    expect((await readdir(scratch.path)).filter((name) => name.startsWith('firedrill-grafana'))).to.deep.equal([]);
  });

  describe('is consistent while it is written', () => {
    for (const wal of ['false', 'true']) {
      const mode = wal === 'true' ? 'in WAL mode' : 'with a rollback journal';

      it(`on this machine, by Node's own SQLite, ${mode}`, async () => {
        await using place = await sampleFolder('7.5.5');
        await using grafana = await standIn(place.folder, { GF_DATABASE_WAL: wal });
        await using host = localHost();
        expect(await backUpUnderLoad(localSource(grafana, host), grafana.ask, 4)).to.deep.equal(['sqlite-backup']);
      });

      it(`over ssh, by the sqlite3 there, ${mode}`, async () => {
        await using sshd = await startSshd();
        await using place = await sampleFolder('7.5.5');
        await using grafana = await standIn(place.folder, { GF_DATABASE_WAL: wal });
        await using host = await sshd.host();
        expect(await backUpUnderLoad(localSource(grafana, host), grafana.ask, 4)).to.deep.equal(['sqlite-backup']);
      });

      it(`in a container without sqlite3, by reading it twice, ${mode}`, async () => {
        await using grafana = await grafanaContainer({ database: sampleFile('7.5.5'), env: { GF_DATABASE_WAL: wal } });
        const ask: Ask = (path, { body }) => grafana.ask(path, body);
        expect(await backUpUnderLoad(grafana.source, ask, 4)).to.deep.equal(['proven-read']);
      });
    }
  });

  it('takes what lies in the -wal only', async () => {
    await using place = await sampleFolder('7.5.5');
    await using grafana = await standIn(place.folder, { GF_DATABASE_WAL: 'true' });
    await grafana.ask('/api/dashboards/db', { body: { dashboard: { uid: 'late', title: 'Late', panels: [{}] } } });
    await using host = localHost();
    await using sealed = await dumpToMember(grafanaEngine, localSource(grafana, host));
    const [org] = (
      sealed.member.manifest.facts as never as { organisations: [{ items: { dashboards: { key: string }[] } }] }
    ).organisations;
    expect(org.items.dashboards.map(({ key }) => key)).to.include('late');
  });

  it('records version, tools and identity, and keeps secrets out of the manifest', async () => {
    await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
    await using sealed = await dumpToMember(grafanaEngine, grafana.source);
    const { source, tools, artifacts } = sealed.member.manifest;
    expect(source.engineVersion).to.match(/^7\.5\.5/);
    expect(source.identity).to.deep.include({ organisations: ['Main Org.', 'Lab'] });
    expect(source.identity.serverId).to.match(/^[0-9a-f]{16}$/);
    expect(tools).to.include({ copy: 'proven-read' });
    expect(artifacts.map(({ name, role }) => [name, role])).to.have.deep.members([
      ['grafana.db', 'database'],
      ['files.tar', 'files'],
    ]);
    expect(JSON.stringify(sealed.member.manifest))
      .to.not.match(/S3cret/)
      .and.not.include(sampleKey)
      .and.not.include('/tmp');
  });

  it('asks the installed program when no server answers', async () => {
    await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
    const settings = { ...grafana.source.settings, port: 3999 };
    await using sealed = await dumpToMember(grafanaEngine, { ...grafana.source, settings });
    expect(sealed.member.manifest.source.engineVersion).to.match(/^7\.5\.5/);
  });

  describe('is refused, with what to do about it,', () => {
    const failureOf = (source: Source<GrafanaSettings>) =>
      rejectionOf(dumpToMember(grafanaEngine, source).then(() => {}));

    it('when there is no database, no such file, or nobody may read it', async () => {
      await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
      const { source } = grafana;
      const failures = [
        [{ database: '/nowhere/grafana.db' }, 'SOURCE_UNSUITABLE', /there is no \/nowhere\/grafana\.db/],
        [{ files: ['/etc/grafana', '/etc/nothing.ini'] }, 'SOURCE_UNSUITABLE', /there is no \/etc\/nothing\.ini/],
        [{ files: ['/etc/shadow'] }, 'SOURCE_DENIED', /\/etc\/shadow .* may not be read/],
      ] as const;
      for (const [changes, code, sentence] of failures) {
        const failure = await failureOf({ ...source, settings: { ...source.settings, ...changes } as GrafanaSettings });
        expect(failure).to.include({ code });
        expect(failure.message).to.match(sentence);
      }
    });

    it('when nobody can tell the version', async () => {
      await using place = await sampleFolder('7.5.5');
      await using host = localHost({ env: { PATH: '/usr/bin:/bin' } });
      const settings = grafanaSettings.parse({ database: place.database, files: [], port: await closedPort() });
      const failure = await failureOf({ service: 'grafana', host, settings });
      expect(failure).to.include({ code: 'SOURCE_UNREACHABLE' });
      expect(failure.hint).to.match(/settings\.port/);
    });

    it('when the secret_key is another one than that of the secrets', async () => {
      await using place = await sampleFolder('7.5.5');
      useOwnKey(place.database, 'a key of our own');
      await using grafana = await standIn(place.folder);
      await using host = localHost();
      const failure = await failureOf(localSource(grafana, host));
      expect(failure).to.include({ code: 'SOURCE_UNSUITABLE' });
      expect(failure.message).to.match(/secret_key of Grafana's default opens none of the 7 secrets/);
      expect(failure.hint).to.match(/settings\.secretKey/);
      const secretKey = new Secret({ env: 'KEY' }, 'a key of our own');
      await using sealed = await dumpToMember(grafanaEngine, localSource(grafana, host, { secretKey }));
      expect(JSON.stringify(sealed.member.manifest)).to.not.include('a key of our own');
    });

    const trigger = 'CREATE TRIGGER evil AFTER INSERT ON star BEGIN DELETE FROM star; END';
    it('when the database holds a trigger, is damaged, or is not of Grafana', async () => {
      const spoilers: [(file: string) => unknown, string, RegExp][] = [
        [(file) => changeDatabase(file, trigger), 'SOURCE_UNSUITABLE', /trigger evil/],
        [(file) => overwrite(file, 8 * 4096, Buffer.alloc(4096)), 'BACKUP_INCOMPLETE', /integrity check/],
        [(file) => changeDatabase(file, 'DROP TABLE dashboard'), 'SOURCE_UNSUITABLE', /it has no table dashboard/],
      ];
      for (const [spoilIt, code, sentence] of spoilers) {
        await using place = await sampleFolder('7.5.5');
        await using grafana = await standIn(place.folder);
        await spoilIt(place.database);
        await using host = localHost();
        const failure = await failureOf(localSource(grafana, host));
        expect(failure.code, failure.message).to.equal(code);
        expect(failure.message).to.match(sentence);
      }
    });

    it('when a database without sqlite3 is never at rest', async () => {
      // Nothing of the server may look at the journal: it would see that it is none of its own.
      const env = { GF_ALERTING_EXECUTE_ALERTS: 'false' };
      await using grafana = await grafanaContainer({ database: sampleFile('7.5.5'), env });
      const hot = ['-c', 'printf "\\331\\325\\005\\371" > /var/lib/grafana/grafana.db-journal'];
      await runToEnd(grafana.source.host, { tool: 'sh', args: hot });
      const failure = await failureOf(grafana.source);
      expect(failure).to.include({ code: 'SOURCE_UNSUITABLE' });
      expect(failure.hint).to.match(/Install sqlite3/);
    });

    it('when its dashboards lie in unified storage only', async () => {
      await using place = await sampleFolder('7.5.5');
      await using grafana = await standIn(place.folder);
      const resource = `CREATE TABLE resource (guid TEXT, "group" TEXT, resource TEXT, name TEXT)`;
      const row = (name: string) =>
        `INSERT INTO resource VALUES ('${name}', 'dashboard.grafana.app', 'dashboards', '${name}')`;
      changeDatabase(place.database, resource, row('nginx'));
      await using host = localHost();
      await using sealed = await dumpToMember(grafanaEngine, localSource(grafana, host));
      expect(sealed.member.manifest.engine).to.equal('grafana');
      changeDatabase(place.database, row('unknown'));
      expect((await failureOf(localSource(grafana, host))).message).to.match(/1 dashboard of this Grafana lie/);
      changeDatabase(place.database, "INSERT INTO resource VALUES ('f', 'folder.grafana.app', 'folders', 'folder')");
      expect((await failureOf(localSource(grafana, host))).message).to.match(/1 dashboard and 1 folder of this/);
    });

    it('when it is stopped', async () => {
      await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
      const stop = new AbortController();
      const running = rejectionOf(
        dumpToMember(grafanaEngine, grafana.source, testActivity(stop.signal)).then(() => {}),
      );
      stop.abort();
      expect((await running).code).to.equal('INTERRUPTED');
    });
  });

  it('is diagnosed with advice', async () => {
    await using place = await sampleFolder('7.5.5');
    await using grafana = await standIn(place.folder);
    await using host = localHost();
    const good = await grafanaEngine.diagnose(localSource(grafana, host), testActivity());
    expect(good.map(({ ok }) => ok)).to.deep.equal([true, true, true]);
    expect(good.map(({ what }) => what).join('\n')).to.match(/version 7\.5\.5/);
    const wrong = { port: await closedPort(), files: [join(place.folder, 'no.ini')] };
    const bad = await grafanaEngine.diagnose(localSource(grafana, host, wrong), testActivity());
    expect(bad.map(({ ok }) => ok)).to.deep.equal([true, false, false, true]);
    expect(bad.filter(({ ok }) => !ok).every(({ advice }) => advice)).to.equal(true);
  });
});
