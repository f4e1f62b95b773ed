import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { collect } from '../../../src/kit/streams.ts';
import { type NewTarEntry, readTar, writeTar } from '../../../src/kit/tar.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const run = promisify(execFile);
const limit = 1 << 24;
const file = (name: string, text: string): NewTarEntry => ({
  name,
  size: Buffer.byteLength(text),
  content: Buffer.from(text),
});
const archiveOf = (...entries: NewTarEntry[]) => collect(writeTar(entries), limit, 'test');
const inPieces = (bytes: Buffer, size = 100) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );

async function read(archive: Readable) {
  const found: { name: string; type: string; text: string }[] = [];
  for await (const { name, type, content } of readTar(archive)) {
    found.push({ name, type, text: (await collect(content, limit, name)).toString() });
  }
  return found;
}

const refusal = async (archive: Buffer) => {
  const failure = await rejectionOf(read(inPieces(archive)));
  expect(failure.code).to.equal('ARTIFACT_FORMAT');
  return failure.message;
};

/** A header with a field changed and its checksum made right again. */
function patched(archive: Buffer, change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(archive);
  const header = copy.subarray(0, 512);
  change(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

describe('tar', () => {
  it('reads what it wrote, in pieces of any size', async () => {
    const long = `${'folder/'.repeat(30)}file`;
    const archive = await archiveOf(
      file('a', 'hello'),
      { name: 'd/', type: 'directory', size: 0 },
      file('d/ü', ''),
      file(long, 'x'.repeat(5000)),
    );
    const expected = [
      { name: 'a', type: 'file', text: 'hello' },
      { name: 'd/', type: 'directory', text: '' },
      { name: 'd/ü', type: 'file', text: '' },
      { name: long, type: 'file', text: 'x'.repeat(5000) },
    ];
    for (const size of [1, 511, 512, 513, 100_000]) {
      expect(await read(inPieces(archive, size))).to.deep.equal(expected);
    }
  });

  it('reads what GNU tar wrote, and writes what GNU tar reads', async () => {
    await using scratch = await scratchFolder();
    await mkdir(join(scratch.path, 'in/sub'), { recursive: true });
    await writeFile(join(scratch.path, 'in/sub/one'), 'one');
    const { stdout } = await run('tar', ['-C', join(scratch.path, 'in'), '-cf', '-', 'sub'], { encoding: 'buffer' });
    expect(await read(inPieces(stdout))).to.deep.equal([
      { name: 'sub/', type: 'directory', text: '' },
      { name: 'sub/one', type: 'file', text: 'one' },
    ]);
    await writeFile(join(scratch.path, 'ours.tar'), await archiveOf(file('x/y', 'ours')));
    const shown = await run('tar', ['-xOf', join(scratch.path, 'ours.tar'), 'x/y']);
    expect(shown.stdout).to.equal('ours');
  });

  it('passes over what nobody reads', async () => {
    const names: string[] = [];
    for await (const { name } of readTar(inPieces(await archiveOf(file('a', 'x'.repeat(3000)), file('b', 'y')))))
      names.push(name);
    expect(names).to.deep.equal(['a', 'b']);
  });

  it('reads an archive without entries', async () => {
    expect(await read(inPieces(Buffer.alloc(1024)))).to.deep.equal([]);
    expect(await read(inPieces(Buffer.alloc(10_240)))).to.deep.equal([]);
  });

  it('lets go of its source when the reader stops', async () => {
    const source = inPieces(await archiveOf(file('a', 'x'.repeat(100_000))));
    for await (const _ of readTar(source)) break;
    expect(source.destroyed).to.equal(true);
  });

  it('carries 200 MiB through little memory', async () => {
    const block = Buffer.alloc(1 << 20, 'firedrill');
    const content = Readable.from(Array.from({ length: 200 }, () => block));
    let bytes = 0;
    let peak = 0;
    const before = process.memoryUsage().arrayBuffers;
    for await (const entry of readTar(writeTar([{ name: 'big', size: 200 << 20, content }]))) {
      for await (const chunk of entry.content) {
        bytes += (chunk as Buffer).length;
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      }
    }
    expect(bytes).to.equal(200 << 20);
    expect(peak).to.be.lessThan(50 << 20);
  });

  describe('refuses', () => {
    for (const name of ['/etc/passwd', '../up', 'a/../../up', 'a/..']) {
      it(`the name ${name}`, async () => {
        expect(await refusal(await archiveOf(file(name, 'x')))).to.contain(name);
      });
    }

    it('links, also such as GNU tar writes', async () => {
      await using scratch = await scratchFolder();
      await symlink('/etc/passwd', join(scratch.path, 'link'));
      const { stdout } = await run('tar', ['-C', scratch.path, '-cf', '-', 'link'], { encoding: 'buffer' });
      expect(await refusal(stdout)).to.contain('symlink');
    });

    for (const [flag, type] of [
      ['1', 'link'],
      ['3', 'character-device'],
      ['4', 'block-device'],
      ['6', 'fifo'],
      ['S', 'unknown'],
    ] as const) {
      it(`entries of type ${flag} (${type})`, async () => {
        const archive = patched(await archiveOf(file('a', '')), (header) => header.write(flag, 156, 'latin1'));
        expect(await refusal(archive)).to.contain(type);
      });
    }

    it('control characters in its sentences', async () => {
      expect(await refusal(await archiveOf(file('../\u001b[2J', 'x'))))
        .to.contain('\\x1b')
        .and.not.contain('\u001b');
    });

    it('an archive that breaks off anywhere', async () => {
      const archive = await archiveOf(file('a', 'x'.repeat(700)), file('zeros', '\0'.repeat(2048)));
      for (let end = 0; end < archive.length; end += 64) {
        expect(await refusal(archive.subarray(0, end)), `cut at ${end}`).to.contain('damaged');
      }
    });

    it('something after the end', async () => {
      const archive = await archiveOf(file('a', 'x'));
      const more = (bytes: Buffer) => refusal(Buffer.concat([archive, bytes]));
      expect(await more(Buffer.from('!'))).to.contain('damaged');
      expect(await more(Buffer.alloc(512, '!'))).to.contain('damaged');
      const metadataOnly = (await archiveOf(file('ü', ''))).subarray(0, 1024);
      expect(await more(metadataOnly)).to.contain('after its last entry');
    });

    it('a header whose checksum is wrong', async () => {
      const archive = await archiveOf(file('a', 'x'));
      archive[0] = 'b'.charCodeAt(0);
      expect(await refusal(archive)).to.contain('damaged');
    });

    it('nothing of its own when the source breaks: that error is passed on', async () => {
      const archive = await archiveOf(file('a', 'x'.repeat(5000)));
      const broken = new FiredrillError('ARTIFACT_DAMAGED', 'one bit is not as it was');
      const source = Readable.from(
        (async function* () {
          yield archive.subarray(0, 2000);
          throw broken;
        })(),
      );
      expect(await rejectionOf(read(source))).to.equal(broken);
    });
  });

  describe('writing', () => {
    it('breaks when an entry is not of its size', async () => {
      for (const size of [4, 6]) {
        const archive = writeTar([{ name: 'a', size, content: Readable.from([Buffer.from('hello')]) }]);
        const failure: unknown = await collect(archive, limit, 'test').catch((error: unknown) => error);
        expect(failure).to.be.an('error').with.property('message', 'Size mismatch');
      }
    });

    it('breaks when the content breaks', async () => {
      const broken = new FiredrillError('VAULT_READ', 'gone');
      const content = Readable.from(
        (async function* () {
          yield Buffer.from('he');
          throw broken;
        })(),
      );
      expect(await rejectionOf(collect(writeTar([{ name: 'a', size: 5, content }]), limit, 'test'))).to.equal(broken);
    });
  });
});
