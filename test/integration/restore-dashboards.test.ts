import { pbkdf2Sync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import type { GrafanaSettings } from '../../src/engines/grafana/settings.ts';
import type { DrillService } from '../../src/flow/drill-order.ts';
import { Secret } from '../../src/model/secret.ts';
import { drillService } from '../support/drill-fixture.ts';
import { changeDatabase } from '../support/grafana-source.ts';
import { type StandIn, sampleFolder, standIn } from '../support/grafana-stand-in.ts';
import { grafanaVault, tablesOf } from '../support/grafana-vault.ts';
import { images } from '../support/images.ts';
import { restored, tryRestore } from '../support/real-restore.ts';
import { rejectionOf } from '../support/rejection.ts';

type Json = Record<string, unknown>;

/** An API key as Grafana 7 makes it, and the statement that puts it into the database. */
function apiKey(name: string, role: string) {
  const hash = pbkdf2Sync('key', name, 10_000, 50, 'sha256').toString('hex');
  return {
    token: new Secret({ env: name }, Buffer.from(JSON.stringify({ n: name, k: 'key', id: 1 })).toString('base64')),
    sql: `INSERT INTO api_key (org_id, name, key, role, created, updated) VALUES (1, '${name}', '${hash}', '${role}', '', '')`,
  };
}

const editor = apiKey('edits', 'Editor');
const viewer = apiKey('views', 'Viewer');

describe('restore of some dashboards of a running Grafana', function () {
  this.timeout(180_000);

  let stack: AsyncDisposableStack;
  let live: StandIn;
  let vault: Awaited<ReturnType<typeof grafanaVault>>;
  let service: DrillService;
  before(async () => {
    stack = new AsyncDisposableStack();
    const place = stack.use(await sampleFolder('7.5.5'));
    changeDatabase(place.database, editor.sql, viewer.sql);
    live = stack.use(await standIn(place.folder));
    vault = stack.use(await grafanaVault(live));
    await vault.backup('2026-11-22T01:30:00.000Z', 'full');
    const { settings } = vault.source;
    const of = { engine: grafanaEngine as AnyEngine, settings, quietMs: null, imageFor: () => images().grafana };
    service = { ...drillService('grafana'), ...of };
  });
  after(() => stack.disposeAsync());

  const target = (change: Partial<GrafanaSettings> = {}) => ({
    ...vault.source,
    settings: { ...vault.source.settings, apiToken: editor.token, ...change },
  });
  const shown = async (uid: string) =>
    (await live.ask(`/api/dashboards/uid/${uid}`)).body as { dashboard: Json; meta: Json };
  const folders = async () =>
    ((await live.ask('/api/folders')).body as { title: string; id: number }[]).filter(({ title }) =>
      title.startsWith('restored '),
    );
  const inFolder = async (folderId: number) =>
    ((await live.ask('/api/search?type=dash-db')).body as Json[]).filter((each) => each.folderId === folderId);

  it('puts them into a new folder under new uids, as they were, and leaves today’s as they are', async () => {
    const then = { nginx: (await shown('nginx')).dashboard, latency: (await shown('latency-icmp')).dashboard };
    const edited = { ...then.nginx, title: 'Nginx, spoiled', panels: [] };
    expect(await live.ask('/api/dashboards/db', { body: { dashboard: edited } })).to.include({ status: 200 });
    expect(await live.ask('/api/dashboards/uid/latency-icmp', { method: 'DELETE' })).to.include({ status: 200 });
    const before = tablesOf(live.database);
    const spoiled = await shown('nginx');

    const { plan, journal } = await restored(vault, service, target(), { parts: ['nginx', 'latency-icmp'] });
    expect(plan).to.deep.include({ parts: ['nginx', 'latency-icmp'], replaces: [], lostMs: null });
    expect(journal.restore).to.deep.include({ outcome: 'restored', replaced: [], safetyCopy: null });
    expect(journal.restore?.checks.map(({ check, outcome, lookedAt }) => [check, outcome, lookedAt])).to.deep.equal([
      ['content', 'pass', 2],
    ]);
    const [folder, ...more] = await folders();
    expect(more).to.deep.equal([]);
    expect(folder?.title).to.match(/^restored \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    expect(journal.verdict.sentence).to.contain(`into other: folder ${folder?.title} (2 dashboards), to `);
    const copies = await inFolder(folder?.id ?? 0);
    expect(copies.map(({ title }) => title)).to.have.members([then.nginx.title, then.latency.title]);
    const uids = copies.map(({ uid }) => uid);
    expect(uids).to.not.include.members(['nginx']).and.not.include.members(['latency-icmp']);
    for (const original of Object.values(then)) {
      const uid = String(copies.find(({ title }) => title === original.title)?.uid);
      const { id: _i, uid: _u, version, ...copy } = (await shown(uid)).dashboard;
      const { id: _1, uid: _2, version: _3, ...content } = withoutAlerts(original);
      expect(copy).to.deep.equal(content);
      expect(version).to.equal(1);
      expect(journal.notes.join('\n')).to.contain(`is there as ${uid}: ${original.title}`);
    }
    // Nothing that was there is another one now, and no alert came with the copies.
    expect(await shown('nginx')).to.deep.equal(spoiled);
    expect((await live.ask('/api/dashboards/uid/latency-icmp')).status).to.equal(404);
    const after = tablesOf(live.database);
    expect(after.alert).to.deep.equal(before.alert);
    expect(after.dashboard?.rows).to.equal((before.dashboard?.rows ?? 0) + 3);
  });

  it('leaves out the alerts of a copy, which would notify twice, and says so', async () => {
    const alerting = Object.keys(alertsBy(await live.ask('/api/alerts')))[0] ?? '';
    const { journal } = await restored(vault, service, target(), { parts: [alerting] });
    const notes = journal.notes.join('\n');
    expect(notes).to.match(new RegExp(`\\d+ alerts? of ${alerting} (was|were) left out: it would notify twice`));
    const uid = new RegExp(`dashboard ${alerting} is there as ([\\w-]+): `).exec(notes)?.[1] ?? '';
    const copy = JSON.stringify((await shown(uid)).dashboard);
    expect(copy).to.contain('"panels"').and.not.contain('"alert":');
    expect(JSON.stringify((await shown(alerting)).dashboard)).to.contain('"alert":');
  });

  it('refuses, before anything is done, what it could not end', async () => {
    const before = tablesOf(live.database).dashboard;
    const refusal = (change: Partial<GrafanaSettings>, ...parts: string[]) =>
      rejectionOf(tryRestore(vault, service, target(change), { parts }));
    const typo = await refusal({}, 'node-exporter', 'ngnix');
    expect(typo).to.include({ code: 'USAGE', exit: 2 });
    expect(typo.message).to.match(/^there is no dashboard ngnix .*; did you mean nginx\?$/);
    const noToken = await rejectionOf(tryRestore(vault, service, vault.source, { parts: ['nginx'] }));
    expect(noToken).to.include({ code: 'CONFIG_INVALID', exit: 2 });
    expect(noToken.hint).to.contain('of an Editor, under targets');
    expect(await refusal({ apiToken: new Secret({ env: 'X' }, 'nonsense') }, 'nginx')).to.include({
      code: 'SOURCE_DENIED',
    });
    expect(await refusal({ port: 9 }, 'nginx')).to.include({ code: 'SOURCE_UNREACHABLE' });
    expect(tablesOf(live.database).dashboard).to.deep.equal(before);
  });

  it('says that nothing was changed when the token may only view', async () => {
    const before = tablesOf(live.database).dashboard;
    const { journal, error } = await tryRestore(vault, service, target({ apiToken: viewer.token }), {
      parts: ['nginx'],
    });
    expect(error).to.include({ code: 'SOURCE_DENIED', exit: 1 });
    expect(error?.message).to.match(
      /^nothing was changed at other: grafana: the apiToken may not write at local: 403 /,
    );
    expect(journal.restore).to.include({ outcome: 'untouched' });
    expect(tablesOf(live.database).dashboard).to.deep.equal(before);
  });

  it('says what is not whole when Grafana takes no more, and what differs when it stores something else', async () => {
    await using full = await behind(live, (body) => {
      const { dashboard } = body as { dashboard?: Json };
      return dashboard?.title === 'nginx'
        ? { status: 412, body: { status: 'name-exists', message: 'taken' } }
        : undefined;
    });
    const parts = ['node-exporter', 'nginx'];
    const { journal, error } = await tryRestore(vault, service, target({ port: full.port }), { parts });
    expect(error).to.include({ code: 'TARGET_FAILED', exit: 1 });
    expect(error?.message).to.match(
      /^the restore into other broke off: the live data is as it was, and folder restored .* UTC is not whole: Grafana did not take dashboard nginx: it answers 412 name-exists taken$/,
    );
    expect(error?.hint).to.match(/If it is there, remove: folder restored/);
    expect(journal.restore).to.include({ outcome: 'broke-off' });

    await using liar = await behind(live, (body) => {
      const { dashboard } = body as { dashboard?: Json };
      if (dashboard) dashboard.refresh = '1d';
      return undefined;
    });
    const other = await tryRestore(vault, service, target({ port: liar.port }), { parts: ['nginx'] });
    expect(other.error).to.equal(null);
    expect(other.journal).to.have.property('exitStatus', 3);
    expect(other.journal.verdict.sentence).to.match(/dashboard nginx is not what was proven: refresh differ/);
    expect(other.journal.restore).to.include({ outcome: 'differs' });
  });
});

function withoutAlerts(dashboard: Json): Json {
  return JSON.parse(JSON.stringify(dashboard), (key, value) => (key === 'alert' ? undefined : value));
}

function alertsBy({ body }: { body: unknown }): Record<string, unknown[]> {
  return Object.groupBy(body as Json[], ({ dashboardUid }) => String(dashboardUid)) as Record<string, unknown[]>;
}

/** A door to a Grafana that may answer what is posted by itself, or change it on the way. */
async function behind(grafana: StandIn, meddle: (body: unknown) => { status: number; body: object } | undefined) {
  const server = createServer(async (asked, response) => {
    const text = Buffer.concat(await asked.toArray()).toString();
    const body = text === '' ? undefined : JSON.parse(text);
    const own = body === undefined ? undefined : meddle(body);
    if (own) return void response.writeHead(own.status).end(JSON.stringify(own.body));
    const { method, headers, url } = asked;
    const { 'content-length': _, ...kept } = headers;
    const on = request({ port: grafana.port, method, path: url, headers: kept, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502);
      answer.pipe(response);
    });
    on.end(body === undefined ? undefined : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
