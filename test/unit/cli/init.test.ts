import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { initialise } from '../../../src/cli/init.ts';
import { isTrusted, readPrivateKey, readTrustedKeys } from '../../../src/cli/keys.ts';
import { engines } from '../../../src/engines/index.ts';
import { runInside } from '../../support/program.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const allKeys = ['keys/ledger.key', 'keys/ledger.pub', 'keys/signing.key', 'keys/signing.pub'];

const order = (folder: string, change = {}) => ({
  configFile: join(folder, 'firedrill.yaml'),
  engines,
  force: false,
  keysOnly: false,
  ...change,
});

const all = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('initialise', () => {
  it('writes a configuration, its schema beside it, pairs of keys that fit, and a .gitignore', async () => {
    await using scratch = await scratchFolder();
    const { path: folder } = scratch;
    const { written } = await initialise(order(folder));
    const files = ['.gitignore', 'firedrill.schema.json', 'firedrill.yaml', ...allKeys];
    expect(await all(folder)).to.deep.equal([...files, 'vault/.firedrill-vault']);
    expect(written.map(({ name }) => name)).to.have.members([...files, 'vault/']);
    expect((await readFile(join(folder, 'firedrill.yaml'), 'utf8')).split('\n')[0]).to.equal(
      '# yaml-language-server: $schema=./firedrill.schema.json',
    );
    expect((await stat(join(folder, 'keys/signing.key'))).mode & 0o777).to.equal(0o600);
    expect((await stat(join(folder, 'vault'))).mode & 0o777).to.equal(0o700);
    const key = await readPrivateKey({ signingKeyFile: join(folder, 'keys/signing.key') });
    const trusted = await readTrustedKeys({ trustedKeyTexts: [], trustedKeyFiles: [join(folder, 'keys/signing.pub')] });
    expect(isTrusted(key, trusted)).to.equal(true);
    const ignored = await readFile(join(folder, '.gitignore'), 'utf8');
    for (const secret of ['/keys/signing.key', '/keys/ledger.key']) expect(ignored).to.contain(secret);
  });

  it('makes an escrow key that age can read, for its owner only, and never another in its place', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'escrow.key');
    const { stdout } = await runInside(['init', '--escrow-key', file, '--json']);
    const { recipient } = JSON.parse(stdout);
    expect(recipient).to.match(/^age1[02-9a-z]{58}$/);
    const text = await readFile(file, 'utf8');
    expect(text)
      .to.match(/^# public key: age1.*\nAGE-SECRET-KEY-1[0-9A-Z]{58}\n$/)
      .and.contain(recipient);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(await rejectionOf(runInside(['init', '--escrow-key', file]))).to.include({ code: 'USAGE' });
    expect(await readFile(file, 'utf8')).to.equal(text);
  });

  it('overwrites nothing, and then writes nothing else', async () => {
    await using scratch = await scratchFolder();
    const { path: folder } = scratch;
    await writeFile(join(folder, 'firedrill.yaml'), 'mine');
    expect(await rejectionOf(initialise(order(folder)))).to.include({ code: 'USAGE', exit: 2 });
    expect(await all(folder)).to.deep.equal(['firedrill.yaml']);
    expect(await readFile(join(folder, 'firedrill.yaml'), 'utf8')).to.equal('mine');
  });

  it('overwrites the configuration with force, and keys never', async () => {
    await using scratch = await scratchFolder();
    const { path: folder } = scratch;
    await initialise(order(folder));
    const key = await readFile(join(folder, 'keys/signing.key'), 'utf8');
    await writeFile(join(folder, 'firedrill.yaml'), 'mine');
    await writeFile(join(folder, '.gitignore'), 'mine too');
    const { written, hasIgnore } = await initialise(order(folder, { force: true }));
    expect(hasIgnore).to.equal(true);
    expect(written.map(({ name }) => name)).to.deep.equal(['firedrill.yaml', 'firedrill.schema.json', 'vault/']);
    expect(await readFile(join(folder, 'firedrill.yaml'), 'utf8')).to.contain('version: 1');
    expect(await readFile(join(folder, 'keys/signing.key'), 'utf8')).to.equal(key);
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).to.equal('mine too');
    for (const change of [{ keysOnly: true }, { keysOnly: true, force: true }]) {
      expect((await rejectionOf(initialise(order(folder, change)))).message).to.match(/signing\.key exists already/);
    }
  });

  it('makes no second half of a pair', async () => {
    await using scratch = await scratchFolder();
    const { path: folder } = scratch;
    await mkdir(join(folder, 'keys'));
    await writeFile(join(folder, 'keys/signing.pub'), 'the old one');
    expect((await rejectionOf(initialise(order(folder)))).message).to.match(/signing\.pub exists already/);
    expect(await all(folder)).to.deep.equal(['keys/signing.pub']);
  });

  it('makes the keys only, where only they are wanted', async () => {
    await using scratch = await scratchFolder();
    await initialise(order(scratch.path, { keysOnly: true }));
    expect(await all(scratch.path)).to.deep.equal(allKeys);
  });

  it('makes the pair that is missing, as after an upgrade, and keeps the other', async () => {
    await using scratch = await scratchFolder();
    const { path: folder } = scratch;
    await initialise(order(folder, { keysOnly: true }));
    const before = await readFile(join(folder, 'keys/signing.key'), 'utf8');
    for (const name of ['keys/ledger.key', 'keys/ledger.pub']) await rm(join(folder, name));
    const { written } = await initialise(order(folder, { keysOnly: true }));
    expect(written.map(({ name }) => name)).to.deep.equal(['keys/ledger.key', 'keys/ledger.pub']);
    expect(await readFile(join(folder, 'keys/signing.key'), 'utf8')).to.equal(before);
  });

  it('says where it could not write', async () => {
    await using scratch = await scratchFolder();
    await writeFile(join(scratch.path, 'keys'), 'a file');
    const error = await rejectionOf(initialise(order(scratch.path)));
    expect(error).to.include({ code: 'FILE_WRITE', exit: 1 });
    expect(error.message).to.match(/keys\/signing\.key cannot be written/);
  });
});
