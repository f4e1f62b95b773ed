import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { GreetingFilter, newToken, preamble } from '../../../src/hosts/preamble.ts';
import { collect } from '../../../src/kit/streams.ts';
import { scratchFolder } from '../../support/scratch.ts';

async function filter(token: string, text: string, pieceLength: number) {
  const pieces = Array.from({ length: Math.ceil(text.length / pieceLength) }, (_, i) => {
    return Buffer.from(text.slice(i * pieceLength, (i + 1) * pieceLength));
  });
  const filtered = new GreetingFilter(token);
  const rest = (await collect(Readable.from(pieces).pipe(filtered), 1 << 20, 'test')).toString();
  return { rest, greeting: await filtered.greeting };
}

describe('the greeting of a tool', () => {
  const token = newToken();

  for (const length of [1, 7, 1000]) {
    it(`is taken out of stderr, in pieces of ${length}`, async () => {
      const text = `noise of a login shell\n${token} 4711\nfirst\n${token} 1\n`;
      expect(await filter(token, text, length)).to.deep.equal({
        greeting: 4711,
        rest: `noise of a login shell\nfirst\n${token} 1\n`,
      });
    });
  }

  it('may be that the tool is missing', async () => {
    expect(await filter(token, `${token} missing\n`, 5)).to.deep.equal({ greeting: 'missing', rest: '' });
  });

  it('is undefined when nobody greets, and nothing is lost', async () => {
    expect(await filter(token, 'only noise', 3)).to.deep.equal({ greeting: undefined, rest: 'only noise' });
    expect(await filter(token, `${token} 47`, 3)).to.deep.equal({ greeting: undefined, rest: `${token} 47` });
    expect(await filter(token, '', 3)).to.deep.equal({ greeting: undefined, rest: '' });
  });

  it('is not waited for in endless noise', async () => {
    const noise = 'n'.repeat(200_000);
    expect((await filter(token, `${noise}\n${token} 3\n`, 10_000)).greeting).to.equal(undefined);
  });

  it('is undefined when stderr breaks', async () => {
    const filtered = new GreetingFilter(token);
    filtered.on('error', () => {});
    filtered.destroy(new Error('lost'));
    expect(await filtered.greeting).to.equal(undefined);
  });
});

describe('the preamble of a tool that writes much', () => {
  const arguments_ = ['it is', "it's", ''];
  /** Runs a tool that says its arguments, on a PATH that begins with such a `stdbuf`. */
  const said = async (stdbuf: string, largeWrites: boolean, tool = 'printf') => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'stdbuf');
    await writeFile(file, `#!/bin/sh\n${stdbuf}\n`);
    await chmod(file, 0o755);
    const env = { PATH: `${scratch.path}:${process.env.PATH}`, firedrill: 'token' };
    const args = ['-c', preamble({ largeWrites }), 'sh', tool, '[%s]', ...arguments_];
    const { stdout, stderr, status } = spawnSync('sh', args, { env, encoding: 'utf8' });
    return { stdout, status, greeting: stderr.replace(/\d+/, 'pid') };
  };
  const plain = { stdout: "[it is][it's][]", status: 0, greeting: 'token pid\n' };
  const works = 'echo "$1:"; shift; exec "$@"';

  it('lets it write by large blocks where stdbuf works, and leaves its arguments as they are', async () => {
    expect(await said(works, true)).to.deep.equal({ ...plain, stdout: `-o256K:\n${plain.stdout}` });
    expect(await said(works, false)).to.deep.equal(plain);
  });

  it('leaves the tool alone where stdbuf does not work', async () => {
    expect(await said('echo "stdbuf: failed to find libstdbuf.so" >&2; exit 125', true)).to.deep.equal(plain);
  });

  it('still tells that the tool itself is missing', async () => {
    const missing = await said(works, true, 'no-such-tool');
    expect(missing).to.deep.equal({ stdout: '', status: 127, greeting: 'token missing\n' });
  });
});
