import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { inspect } from 'node:util';
import { expect } from 'chai';
import type { Host } from '../../src/hosts/host.ts';
import { outputOf, runToEnd } from '../../src/hosts/output.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { collect } from '../../src/kit/streams.ts';
import { rejectionOf } from '../support/rejection.ts';
import { until } from '../support/until.ts';

export interface OpenHost extends AsyncDisposable {
  host: Host;
  /** A port there on which a server sends `hello` to whoever connects. */
  greetingPort: number;
  /** A writable folder there. */
  folder: string;
}

const sh = (script: string, ...args: string[]) => ({ tool: 'sh', args: ['-c', script, 'sh', ...args] });
const mebibyte = 1024 * 1024;

/** What every host promises; see `src/hosts/host.ts`. Its tools get 2 s to end after SIGTERM. */
export function hostContract(name: string, open: () => Promise<OpenHost>) {
  describe(`host contract: ${name}`, function () {
    this.timeout(60_000);
    let given: OpenHost;
    let host: Host;
    let files = 0;
    before(async () => {
      given = await open();
      host = given.host;
    });
    after(() => given[Symbol.asyncDispose]());

    const newPath = () => `${given.folder}/file-${files++}`;
    const contentOf = (path: string) => outputOf(host, sh('cat "$1" 2>/dev/null; :', path));
    const written = (path: string) => until(`writing ${path}`, async () => (await contentOf(path)).trim() || undefined);
    const isRunning = async (pid: string) => {
      const stat = await contentOf(`/proc/${pid}/stat`);
      // An ended process that nobody has asked for yet (Z) is gone.
      return stat !== '' && !/\) Z /.test(stat);
    };
    const gone = (pid: string) => until(`the end of ${pid}`, async () => ((await isRunning(pid)) ? undefined : true));
    /** Starts a tool with a child; both write their process ids into a file first. */
    const startPair = async (more: { deadlineMs?: number; signal?: AbortSignal } = {}) => {
      const path = newPath();
      const running = host.run({ ...sh('sleep 3000 & echo $$ $! > "$1"; wait', path), ...more });
      running.stdout.resume();
      return { running, pids: (await written(path)).split(' ') };
    };

    describe('a tool that ends well', () => {
      it('hands over its stdout', async () => {
        expect(await outputOf(host, { tool: 'echo', args: ['hello'] })).to.equal('hello\n');
      });

      it('gets its arguments as they are', async () => {
        const args = [
          '',
          ' ',
          "it's",
          '"x"',
          'a\nb',
          '$HOME',
          '`id`',
          '$(id)',
          '\\',
          '*',
          ';',
          '--',
          '-n',
          'ä€😀',
          '!',
          '~',
        ];
        const output = await outputOf(host, sh('for a; do printf "%s\\0" "$a"; done', ...args));
        expect(output.split('\0').slice(0, -1)).to.deep.equal(args);
      });

      it('reads an empty stdin when there is none', async () => {
        expect(await outputOf(host, { tool: 'cat', args: [] })).to.equal('');
      });

      it('reads its stdin to the end', async () => {
        const stdin = Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]);
        expect(await outputOf(host, { tool: 'cat', args: [], stdin })).to.equal('one\ntwo\n');
      });

      it('carries 64 MiB in and out unchanged', async () => {
        const blocks = Array.from({ length: 64 }, () => randomBytes(mebibyte));
        const running = host.run({ tool: 'cat', args: [], stdin: Readable.from(blocks) });
        const [found] = await Promise.all([hashOf(running.stdout), running.done]);
        const expected = createHash('sha256');
        for (const block of blocks) expected.update(block);
        expect(found).to.equal(expected.digest('hex'));
      });

      it('hands over the same when it writes by large blocks', async () => {
        const numbers = Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join('');
        expect(await outputOf(host, { tool: 'seq', args: ['200000'], largeWrites: true })).to.equal(numbers);
      });

      it('keeps what it said on stderr', async () => {
        const running = host.run(sh('echo one >&2; echo out; echo two >&2'));
        running.stdout.resume();
        expect(await running.done).to.deep.equal({ code: 0, stderr: 'one\ntwo\n' });
      });

      it('loses nothing when it is gone before a reader comes', async () => {
        const path = newPath();
        const running = host.run(sh('echo $$ > "$1"; head -c 60000 /dev/zero', path));
        await gone(await written(path));
        expect(await collect(running.stdout, mebibyte, 'test')).to.have.length(60_000);
        expect((await running.done).code).to.equal(0);
      });

      it('may stop reading early', async () => {
        const stdin = Readable.from(endless());
        expect(await outputOf(host, { tool: 'head', args: ['-c', '10'], stdin })).to.have.length(10);
        expect(stdin.destroyed).to.equal(true);
      });

      it('runs beside others', async () => {
        const outputs = await Promise.all(Array.from({ length: 12 }, (_, i) => outputOf(host, sh(`echo ${i}`))));
        expect(outputs).to.deep.equal(Array.from({ length: 12 }, (_, i) => `${i}\n`));
      });
    });

    describe('a tool that fails', () => {
      for (const code of [1, 2, 126, 127, 128, 255]) {
        it(`breaks its stdout and says its exit code ${code}`, async () => {
          const running = host.run(sh(`echo partial; echo why >&2; exit ${code}`));
          const failure = await rejectionOf(collect(running.stdout, 1000, 'test'));
          expect(failure).to.equal(await rejectionOf(running.done));
          expect(failure.code).to.equal('TOOL_FAILED');
          expect(failure.message).to.equal(`sh on ${host.label} ended with exit code ${code}`);
          expect(failure.detail).to.deep.equal(['why']);
        });
      }

      for (const signal of ['TERM', 'KILL', 'SEGV']) {
        it(`breaks its stdout when SIG${signal} ended it`, async () => {
          const running = host.run(sh(`echo partial; kill -${signal} $$`));
          const failure = await rejectionOf(collect(running.stdout, 1000, 'test'));
          expect(failure.code).to.equal('TOOL_FAILED');
          expect(failure.message).to.contain(`SIG${signal}`);
          expect(await rejectionOf(running.done)).to.equal(failure);
        });
      }

      it('breaks also for those who read late, and disturbs nobody else', async () => {
        const running = host.run(sh('exit 3'));
        const failure = await rejectionOf(running.done);
        expect(await rejectionOf(collect(running.stdout, 1000, 'test'))).to.equal(failure);
        host.run(sh('exit 4'));
        await until('a failure that nobody asks for', async () => (await outputOf(host, sh('echo x'))) || undefined);
      });

      it('is judged by its exit code when it stopped reading', async () => {
        const failure = await rejectionOf(outputOf(host, { ...sh('exit 9'), stdin: Readable.from(endless()) }));
        expect(failure.code).to.equal('TOOL_FAILED');
        expect(failure.message).to.contain('exit code 9');
      });

      for (const tool of ['no-such-tool', '/no/such/tool']) {
        it(`is missing: ${tool}`, async () => {
          const running = host.run({ tool, args: ['x'], stdin: Readable.from(endless()) });
          const failure = await rejectionOf(collect(running.stdout, 1000, 'test'));
          expect(failure.code).to.equal('TOOL_MISSING');
          expect(failure.message).to.contain(tool).and.contain(host.label);
          expect(await rejectionOf(running.done)).to.equal(failure);
        });
      }
    });

    describe('slow partners', () => {
      it('makes the tool wait when nobody reads, also when it says much on stderr', async () => {
        const path = newPath();
        const script =
          'i=0; echo 0 > "$1"; while [ $i -lt 200 ]; do head -c 1048576 /dev/zero; i=$((i+1)); echo $i >&2; echo $i > "$1"; done';
        const running = host.run(sh(script, path));
        await written(path);
        const stalledAt = await stable(() => contentOf(path));
        expect(Number(stalledAt)).to.be.lessThan(12);
        expect(await lengthOf(running.stdout)).to.equal(200 * mebibyte);
        expect((await running.done).stderr).to.match(/\n200\n$/);
      });

      it('makes the source wait when the tool does not read', async () => {
        const go = newPath();
        let blocks = 0;
        async function* counted() {
          for (; blocks < 100; blocks++) yield Buffer.alloc(mebibyte);
        }
        const waiting = sh('while [ ! -e "$1" ]; do sleep 0.1; done; wc -c', go);
        const counting = outputOf(host, { ...waiting, stdin: Readable.from(counted()) });
        const stalledAt = await stable(() => outputOf(host, sh('echo')).then(() => String(blocks)));
        expect(Number(stalledAt)).to.be.within(1, 32);
        await runToEnd(host, sh(': > "$1"', go));
        expect((await counting).trim()).to.equal(String(100 * mebibyte));
      });
    });

    describe('secrets', () => {
      const secret = () => `s3cret-${randomBytes(6).toString('hex')}`;

      it('reach the tool as they are', async () => {
        const nasty = `${secret()} '"\`$HOME\\\n\nend\n`;
        const command = sh('printf "%s|%s" "$PLAIN" "$SECRET"');
        const output = await outputOf(host, { ...command, env: { PLAIN: 'a b' }, secretEnv: { SECRET: nasty } });
        expect(output).to.equal(`a b|${nasty}`);
      });

      it('are in no command line while the tool runs', async () => {
        const value = secret();
        const stdin = new PassThrough();
        const running = host.run({
          ...sh('echo "ready $#"; cat; echo "$SECRET"'),
          secretEnv: { SECRET: value },
          stdin,
        });
        const reader = running.stdout[Symbol.asyncIterator]();
        expect(String((await reader.next()).value)).to.equal('ready 0\n');
        const there = await outputOf(
          host,
          sh('for p in /proc/[0-9]*; do tr "\\0" " " < "$p/cmdline"; done 2>/dev/null; :'),
        );
        expect(there).to.contain('ready').and.not.contain(value);
        expect(await commandLinesHere()).to.not.contain(value);
        stdin.end();
        expect(String((await reader.next()).value)).to.equal(`${value}\n`);
        expect((await reader.next()).done).to.equal(true);
        await running.done;
      });

      it('are in no error, also when the tool tells them', async () => {
        const value = secret();
        const running = host.run({ ...sh('echo "bad $SECRET" >&2; exit 1'), secretEnv: { SECRET: value } });
        running.stdout.resume();
        const failure = await rejectionOf(running.done);
        expect(failure.detail).to.deep.equal(['bad ***']);
        expect(inspect(failure, { depth: 10 })).to.not.contain(value);
      });
    });

    describe('ending a tool', () => {
      it('ends it with its children after its deadline', async () => {
        const { running, pids } = await startPair({ deadlineMs: 3_000 });
        const failure = await rejectionOf(running.done);
        expect(failure.code).to.equal('DEADLINE');
        expect(failure.message).to.equal(`sh on ${host.label} took longer than 3.0 s`);
        for (const pid of pids) await gone(pid);
      });

      it('ends it with its children when it is aborted', async () => {
        const abort = new AbortController();
        const { running, pids } = await startPair({ signal: abort.signal });
        for (const pid of pids) expect(await isRunning(pid)).to.equal(true);
        abort.abort();
        expect((await rejectionOf(running.done)).code).to.equal('INTERRUPTED');
        expect((await rejectionOf(collect(running.stdout, 10, 'test'))).code).to.equal('INTERRUPTED');
        for (const pid of pids) await gone(pid);
      });

      it('ends it also when it ignores SIGTERM and nobody reads its output', async () => {
        const abort = new AbortController();
        const path = newPath();
        const running = host.run({ ...sh('trap "" TERM; echo $$ > "$1"; exec yes', path), signal: abort.signal });
        const pid = await written(path);
        abort.abort();
        expect((await rejectionOf(running.done)).code).to.equal('INTERRUPTED');
        await gone(pid);
      });

      it('lets it tidy up on SIGTERM', async () => {
        const abort = new AbortController();
        const path = newPath();
        const tidying = 'trap "echo tidied > \\"$1\\"; exit 1" TERM; echo ready; while :; do sleep 0.05; done';
        const running = host.run({ ...sh(tidying, path), signal: abort.signal });
        await running.stdout[Symbol.asyncIterator]().next();
        abort.abort();
        expect((await rejectionOf(running.done)).code).to.equal('INTERRUPTED');
        expect(await contentOf(path)).to.equal('tidied\n');
      });

      it('starts nothing when it was aborted before', async () => {
        const path = newPath();
        const running = host.run({ ...sh(': > "$1"', path), signal: AbortSignal.abort() });
        expect((await rejectionOf(running.done)).code).to.equal('INTERRUPTED');
        expect(await outputOf(host, sh('test -e "$1" || echo no', path))).to.equal('no\n');
      });

      it('ends it when its source breaks, before it can take that for the end', async () => {
        const path = newPath();
        const broken = new FiredrillError('ARTIFACT_DAMAGED', 'one bit is not as it was');
        const breaking = Readable.from(
          (async function* () {
            yield Buffer.from('half');
            throw broken;
          })(),
        );
        const running = host.run({ ...sh('cat > /dev/null; echo end > "$1"', path), stdin: breaking });
        expect(await rejectionOf(collect(running.stdout, 10, 'test'))).to.equal(broken);
        expect(await rejectionOf(running.done)).to.equal(broken);
        expect(await contentOf(path)).to.equal('');
      });

      it('ends it when its source closes without an end', async () => {
        const stdin = new PassThrough();
        const running = host.run({ tool: 'cat', args: [], stdin });
        stdin.write('half');
        await running.stdout[Symbol.asyncIterator]().next();
        stdin.destroy();
        const failure = await rejectionOf(running.done);
        expect(failure.code).to.equal('TOOL_FAILED');
        expect(failure.message).to.equal(`the input of cat on ${host.label} broke off`);
      });

      it('ends it when its reader goes away, with the reader’s reason', async () => {
        const path = newPath();
        const running = host.run(sh('echo $$ > "$1"; exec yes', path));
        const pid = await written(path);
        const reason = new FiredrillError('VAULT_WRITE', 'no space');
        running.stdout.destroy(reason);
        expect(await rejectionOf(running.done)).to.equal(reason);
        await gone(pid);
      });
    });

    describe('connections', () => {
      it('reach a port there', async () => {
        const socket = await host.connect({ port: given.greetingPort });
        expect(await firstBytes(socket)).to.equal('hello');
        socket.destroy();
      });

      it('are refused with a clear error where nobody listens', async () => {
        const failure = await rejectionOf(host.connect({ port: 1 }));
        expect(failure.code).to.equal('SOURCE_UNREACHABLE');
        expect(failure.message).to.contain('port 1');
      });
    });

    describe('disposing', () => {
      it('ends what runs, and is safe twice', async () => {
        await using own = await open();
        const path = `${own.folder}/disposed`;
        const running = own.host.run(sh('echo $$ > "$1"; exec sleep 3000', path));
        const pid = await until(
          'a start',
          async () => (await outputOf(own.host, sh('cat "$1" 2>/dev/null; :', path))).trim() || undefined,
        );
        await own.host[Symbol.asyncDispose]();
        await own.host[Symbol.asyncDispose]();
        expect((await rejectionOf(running.done)).code).to.equal('INTERRUPTED');
        expect((await rejectionOf(own.host.run(sh('echo')).done)).code).to.equal('INTERRUPTED');
        expect(pid).to.match(/^\d+$/);
      });
    });
  });
}

async function* endless() {
  for (;;) yield Buffer.alloc(65_536);
}

async function hashOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function lengthOf(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  return bytes;
}

/** Looks until the same is seen ten times in a row. */
async function stable(look: () => Promise<string>): Promise<string> {
  let last = await look();
  for (let same = 0; same < 10; ) {
    const now = await look();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}

async function commandLinesHere(): Promise<string> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  return (await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))).join('\n');
}

function firstBytes(stream: AsyncIterable<Buffer>): Promise<string> {
  return (async () => String((await stream[Symbol.asyncIterator]().next()).value))();
}
