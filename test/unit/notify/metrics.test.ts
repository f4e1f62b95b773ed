import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startMetricsServer } from '../../../src/notify/metrics-server.ts';
import { writeTextfile } from '../../../src/notify/textfile.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

describe('writeTextfile', () => {
  it('puts the whole text in the place of the old one, for everybody to read', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'firedrill.prom');
    await writeFile(file, 'old', { mode: 0o600 });
    await writeTextfile(file, 'a 1\n');
    expect(await readFile(file, 'utf8')).to.equal('a 1\n');
    expect((await stat(file)).mode & 0o777).to.equal(0o644);
    expect(await readdir(folder.path)).to.deep.equal(['firedrill.prom']);
  });

  it('leaves the old one, and nothing half-written, when it cannot', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'firedrill.prom');
    await mkdir(join(file, 'in the way'), { recursive: true });
    const error = await rejectionOf(writeTextfile(file, 'a 1\n'));
    expect(error).to.include({ code: 'METRICS_WRITE', exit: 5 });
    expect(await readdir(folder.path)).to.deep.equal(['firedrill.prom']);
    expect(await rejectionOf(writeTextfile('/nowhere/firedrill.prom', ''))).to.include({ code: 'METRICS_WRITE' });
  });
});

describe('startMetricsServer', () => {
  const serve = (render: () => Promise<string>, failed?: (error: unknown) => void) =>
    startMetricsServer({ host: '127.0.0.1', port: 0, render, ...(failed ? { failed } : {}) });

  it('answers what Prometheus asks, anew each time', async () => {
    let n = 0;
    await using server = await serve(async () => `a ${++n}\n`);
    expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const first = await fetch(server.url);
    expect([first.status, first.headers.get('content-type'), await first.text()]).to.deep.equal([
      ...[200, 'text/plain; version=0.0.4; charset=utf-8', 'a 1\n'],
    ]);
    expect(await (await fetch(`${server.url}?x=1`)).text()).to.equal('a 2\n');
    const head = await fetch(server.url, { method: 'HEAD' });
    expect([head.status, await head.text()]).to.deep.equal([200, '']);
  });

  it('answers nothing else', async () => {
    await using server = await serve(async () => 'a 1\n');
    expect((await fetch(new URL('/', server.url))).status).to.equal(404);
    expect((await fetch(new URL('/metrics/../../etc/passwd', server.url))).status).to.equal(404);
    expect((await fetch(server.url, { method: 'POST', body: 'x' })).status).to.equal(405);
  });

  it('says that it could not, and goes on', async () => {
    const failed: unknown[] = [];
    const answers = ['throw', 'a 1\n'];
    const render = async () => {
      const next = answers.shift() ?? '';
      if (next === 'throw') throw new TypeError('disk /secret/path');
      return next;
    };
    await using server = await serve(render, (error) => void failed.push(error));
    const bad = await fetch(server.url);
    expect(bad.status).to.equal(500);
    expect(await bad.text()).to.not.contain('/secret/path');
    expect(failed).to.have.length(1);
    expect((await fetch(server.url)).status).to.equal(200);
  });

  it('says why it cannot listen, and stops at once', async () => {
    const server = await serve(async () => '');
    const port = Number(new URL(server.url).port);
    const taken = await rejectionOf(startMetricsServer({ host: '127.0.0.1', port, render: async () => '' }));
    expect(taken).to.include({ code: 'LISTEN_FAILED', exit: 1 });
    expect(taken.message).to.match(/something else listens there/);
    await server[Symbol.asyncDispose]();
    expect(
      await fetch(server.url).then(
        () => 'answers',
        () => 'is gone',
      ),
    ).to.equal('is gone');
  });
});
