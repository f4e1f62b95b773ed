import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { RunningRecord } from '../../../src/report/running/running-record.ts';
import { ReportServer } from '../../../src/serve/report-server.ts';
import { demoJournal } from '../../support/demo-journal.ts';
import { hostileNames } from '../../support/hostile.ts';
import { indexTags, strangeMarkup, textOf } from '../../support/markup.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { served } from '../../support/served.ts';
import { until } from '../../support/until.ts';

const id = '20261122T021500Z-nightly';
const about = { name: 'nightly', vault: 'onsite', services: ['agama', 'telegraf'], rtoMs: 1_800_000 };

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** The target goes out as it stands here. */
function ask(
  url: string,
  path: string,
  { method = 'GET', host }: { method?: string; host?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const asked = request({ port: new URL(url).port, host: '127.0.0.1', path, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on('error', reject);
    });
    asked.on('error', reject).end();
  });
}

/** Bytes that no client would send. */
function askRaw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text)).on('error', reject);
  });
}

/** Collects what a stream sends until `isEnough`. */
function listen(url: string, isEnough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}live/events`, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (!isEnough(text)) return;
        asked.destroy();
        resolve(text);
      });
    });
    asked.on('error', reject).end();
  });
}

/** The server, and a way to ask it. */
async function asked() {
  const given = await served();
  return { ...given, get: (path: string, how?: Parameters<typeof ask>[2]) => ask(given.url, path, how) };
}

describe('ReportServer', () => {
  it('serves the index and each file of a report, with what a browser may do with it', async () => {
    await using given = await asked();
    const index = await given.get('/');
    expect(index.status).to.equal(200);
    expect(index.text).to.contain(`href="${id}/report.html"`);
    expect(index.headers).to.include({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(index.headers['content-security-policy']).to.match(/^default-src 'none';.*frame-ancestors 'none'/);
    expect(index.headers['content-security-policy']).to.not.match(/script-src/);
    expect(index.headers['access-control-allow-origin']).to.equal(undefined);
    expect((await given.get(`/${id}/report.html`)).text).to.match(/^<!doctype html>/);
    const journal = await given.get(`/${id}/journal.json`);
    expect(JSON.parse(journal.text)).to.deep.equal(demoJournal());
    expect(journal.headers['content-security-policy']).to.match(/sandbox/);
    for (const name of ['report.txt', 'junit.xml', 'metrics.prom']) {
      expect((await given.get(`/${id}/${name}`)).status, name).to.equal(200);
    }
    expect((await given.get('/favicon.ico')).status).to.equal(204);
  });

  it('listens on the loopback address only', async () => {
    await using given = await asked();
    expect(given.url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it('serves nothing else of the folder, and nothing outside of it', async () => {
    await using given = await asked();
    await writeFile(join(given.outside, 'secret'), 'hidden');
    await writeFile(join(given.reports, id, 'notes.txt'), 'hidden');
    await writeFile(join(given.reports, 'ledger.jsonl'), 'hidden');
    await symlink(join(given.outside, 'secret'), join(given.reports, id, 'link'));
    const linked = '20261123T021500Z-linked';
    await symlink(join(given.reports, id), join(given.reports, linked));
    const half = '20261124T021500Z-half';
    await mkdir(join(given.reports, half, 'report.html'), { recursive: true });
    await symlink(join(given.outside, 'secret'), join(given.reports, half, 'report.txt'));
    for (const path of [
      `/${id}/../../secret`,
      `/${id}/..%2f..%2fsecret`,
      '/%2e%2e/secret',
      '/../secret',
      '//secret',
      `/${id}/notes.txt`,
      `/${id}/link`,
      `/${linked}/report.html`,
      `/${half}/report.html`,
      `/${half}/report.txt`,
      `/${half}/journal.json`,
      '/20990101T000000Z-none/report.html',
      '/ledger.jsonl',
      '/.drills.json',
      '/.running/x',
    ]) {
      const { status, text } = await given.get(path);
      expect(status, path).to.equal(404);
      expect(text, path).to.not.contain('hidden');
    }
  });

  it('does not answer to another name: a page elsewhere cannot read it by rebinding its own', async () => {
    await using given = await asked();
    for (const host of ['evil.example', 'evil.example:9478', '127.0.0.1.evil.example', 'localhost@evil.example']) {
      const { status, text } = await given.get('/', { host });
      expect(status, host).to.equal(421);
      expect(text).to.not.contain('nightly');
    }
    expect((await given.get('/', { host: 'localhost:7777' })).status, 'a port that ssh forwards').to.equal(200);
    const two = await askRaw(
      given.url,
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(two).to.match(/^HTTP\/1\.1 4\d\d /);
    expect(await askRaw(given.url, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
    const absolute = 'GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';
    expect(await askRaw(given.url, absolute)).to.match(/^HTTP\/1\.1 404 /);
  });

  it('can be asked, and told nothing', async () => {
    await using given = await asked();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await given.get('/', { method });
      expect([status, headers.allow], method).to.deep.equal([405, 'GET, HEAD']);
    }
    const head = await given.get(`/${id}/report.txt`, { method: 'HEAD' });
    expect([head.status, head.text]).to.deep.equal([200, '']);
    expect(Number(head.headers['content-length'])).to.be.greaterThan(100);
    expect(await askRaw(given.url, 'nonsense\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
  });

  it('says LISTEN_FAILED, and what to type, where somebody else listens', async () => {
    await using given = await asked();
    const port = Number(new URL(given.url).port);
    const error = await rejectionOf(
      ReportServer.start({ reportsFolder: given.reports, gameDaysFolder: given.gameDays, timeZone: 'UTC' }, port),
    );
    expect(error).to.include({ code: 'LISTEN_FAILED', exit: 1 });
    expect(error.message).to.match(/cannot listen at 127\.0\.0\.1:\d+ \(EADDRINUSE\)/);
    expect(error.hint).to.contain('--port');
  });

  it('shows a running drill, step by step, and how it ended', async () => {
    await using given = await asked();
    expect(textOf((await given.get('/live')).text)).to.match(/No drill runs now\./);
    const record = new RunningRecord();
    record.begin(given.reports, about);
    record.tell({ service: 'agama', phase: 'fetch', text: 'full', bytes: 512, totalBytes: 1024 });
    const text = await until('the drill on the page', async () => {
      const page = textOf((await given.get('/live')).text);
      return page.includes('512 B') ? page : undefined;
    });
    expect(text).to.match(
      /nightly running From the vault onsite ?, begun .* UTC; for \d+ s ?\. The restore may take 30 m\./,
    );
    expect(text).to.match(/agama fetch: full 512 B of 1\.0 KiB telegraf waiting/);
    expect((await given.get('/')).text).to.contain('<a href="/live">');
    const heard = listen(given.url, (sent) => sent.includes('ended: pass'));
    await until('a listener', async () => ((await given.get('/live')).status === 200 ? true : undefined));
    record.tell({ service: 'agama', phase: 'restore', text: 'begun' });
    setTimeout(() => void record.end('pass', id), 1_200);
    const sent = await heard;
    expect(sent).to.match(/^retry: 1000\n\nevent: drills\ndata: "/);
    expect(sent).to.contain('agama: restore: begun');
    expect(sent).to.contain(`href=\\"/${id}/report.html\\"`);
    expect(textOf((await given.get('/live')).text)).to.match(/nightly ended: pass .* it took \d+ s/);
  });

  it('says of a drill whose process is gone that it was cut off', async () => {
    await using given = await asked();
    const folder = join(given.reports, '.running');
    await mkdir(folder);
    const begin = { kind: 'begin', owner: `${hostname()}/999999999/1`, startedAt: '2026-11-22T02:15:00Z', ...about };
    await writeFile(join(folder, '20261122T021500Z-nightly.999999999.jsonl'), `${JSON.stringify(begin)}\n{"kind":"st`);
    expect(textOf((await given.get('/live')).text)).to.match(/nightly cut off: its process is gone/);
    expect((await given.get('/')).text).to.not.contain('Watch what is running');
  });

  for (const name of hostileNames) {
    it(`lets ${JSON.stringify(name.slice(0, 40))} be text on the live page, and nothing else`, async () => {
      await using given = await asked();
      const record = new RunningRecord();
      record.begin(given.reports, { ...about, vault: name, services: [name] });
      record.tell({ service: name, phase: name, text: name, bytes: 5 });
      const page = await until('the drill', async () => {
        const { text } = await given.get('/live');
        return text.includes('5 B') ? text : undefined;
      });
      await record.end();
      const own = page.replace('<script src="/live/live.js" defer></script>', '').replace(' id="link"', '');
      expect(strangeMarkup(own, [...indexTags, 'noscript'])).to.deep.equal([]);
    });
  }

  it('bounds how many watch at once, and goes on serving the others', async () => {
    await using given = await asked();
    const streams = Array.from({ length: 16 }, () => request(`${given.url}live/events`).on('error', () => {}));
    await Promise.all(streams.map((each) => new Promise((resolve) => each.once('response', resolve).end())));
    expect((await given.get('/live/events')).status).to.equal(503);
    expect((await given.get('/live')).status).to.equal(200);
    for (const each of streams) each.destroy();
  });
});
