import { expect } from 'chai';
import { Session } from '../../src/engines/mysql/client.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { collectGarbage } from '../support/garbage.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { scratchFolder } from '../support/scratch.ts';

describe('a session with MySQL', function () {
  this.timeout(120_000);
  let server: MysqlServer;
  let folder: Awaited<ReturnType<typeof scratchFolder>>;

  before(async () => {
    folder = await scratchFolder();
    server = await mysqlServer('client', [], folder.path);
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const open = (signal: AbortSignal) =>
    Session.open(
      { socketPath: `${folder.path}/mysqld.sock` },
      { user: 'backup', password: 'to-back-up' },
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
