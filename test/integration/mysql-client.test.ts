import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Session } from '../../src/engines/mysql/client.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { collectGarbage } from '../support/garbage.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';

describe('a session with MySQL', function () {
  this.timeout(120_000);
  let server: MysqlServer;
  let folder: Awaited<ReturnType<typeof scratchFolder>>;

  before(async () => {
    folder = await scratchFolder();
    server = await mysqlServer('client', ['--local-infile=ON'], folder.path);
    await server.sql(
      "CREATE DATABASE shop; CREATE TABLE shop.t (a int PRIMARY KEY); GRANT INSERT ON shop.* TO backup@'%'",
    );
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const open = (signal: AbortSignal, more: { loads?: boolean } = {}) =>
    Session.open(
      { socketPath: `${folder.path}/mysqld.sock` },
      { user: 'backup', password: 'to-back-up', ...more },
      ({ message }) => new FiredrillError('RESTORE_FAILED', message),
      signal,
    );

  it('holds no answer once it is given', async () => {
    await using session = await open(new AbortController().signal);
    const ask = async (times: number) => {
      for (let i = 0; i < times; i += 1)
        await session.rows(`SELECT REPEAT('${String(i).padStart(4, '0')}', 25000) AS text`);
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    // What is loaded and compiled at the first ones is no answer.
    const before = await ask(20);
    const after = await ask(200);
    expect(after - before, 'bytes after 200 answers of 100,000').to.be.below(5_000_000);
  });

  describe('loads', () => {
    const load = "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE shop.t";
    const numbers = (from: number, to: number) =>
      Buffer.from(Array.from({ length: to - from }, (_, i) => `${from + i}\n`).join(''));
    const none = new AbortController().signal;
    const counted = () => server.sql('SELECT COUNT(*) FROM shop.t; DELETE FROM shop.t').then(Number);

    it('what it is given and never the file that is named', async () => {
      await using session = await open(none, { loads: true });
      const loaded = await session.load(load, Readable.from([numbers(0, 50_000), numbers(50_000, 200_000)]));
      expect(loaded).to.deep.equal({ affectedRows: 200_000, warnings: 0 });
      const again = await session.load(load, Readable.from([Buffer.from('7\nseven\n200000\n')]));
      expect(again.affectedRows, 'rows that it cannot take are left out, and warned of').to.equal(1);
      expect(again.warnings).to.be.at.least(2);
      expect(await counted()).to.equal(200_001);
      expect((await rejectionOf(session.run(load))).code, 'without a stream').to.equal('RESTORE_FAILED');
      expect(await counted()).to.equal(0);
      await using other = await open(none);
      const refused = await rejectionOf(other.load(load, Readable.from([Buffer.from('1\n')])));
      expect(refused.message).to.match(/local data is disabled/i);
    });

    it('up to where a stream breaks, and says what broke it', async () => {
      await using session = await open(none, { loads: true });
      const broken = () => new FiredrillError('ARTIFACT_DAMAGED', 'it broke');
      const inTheMiddle = Readable.from(
        (function* () {
          yield numbers(0, 100_000);
          throw broken();
        })(),
      );
      expect(await rejectionOf(session.load(load, inTheMiddle))).to.include({ code: 'ARTIFACT_DAMAGED' });
      expect(await counted()).to.be.within(0, 100_000);
      const before = new PassThrough();
      const loading = rejectionOf(session.load(load, before));
      before.destroy(broken());
      expect(await loading).to.include({ code: 'ARTIFACT_DAMAGED' });
      expect(await session.value('SELECT 1'), 'it goes on').to.equal('1');
    });

    it('no further than it is interrupted, and leaves no stream open', async () => {
      const interruption = new AbortController();
      await using session = await open(interruption.signal, { loads: true });
      const endless = Readable.from(
        (async function* () {
          for (let i = 0; ; i += 1_000) {
            if (i === 50_000) interruption.abort();
            yield numbers(i, i + 1_000);
            await sleep(1);
          }
        })(),
      );
      expect(await rejectionOf(session.load(load, endless))).to.include({ code: 'INTERRUPTED' });
      expect(endless.destroyed).to.equal(true);
    });
  });

  it('gives up all that was asked when it is interrupted, and refuses what is asked then', async () => {
    const interruption = new AbortController();
    await using session = await open(interruption.signal);
    const asked = [session.value('SELECT SLEEP(60)'), session.value('SELECT 1')];
    const began = performance.now();
    setTimeout(() => interruption.abort(), 100);
    const codeOf = (work: Promise<unknown>) => work.then(String, (error: FiredrillError) => error.code);
    expect(await Promise.all(asked.map(codeOf))).to.deep.equal(['INTERRUPTED', 'INTERRUPTED']);
    expect(performance.now() - began).to.be.below(20_000);
    expect(await codeOf(session.value('SELECT 1'))).to.equal('INTERRUPTED');
  });
});
