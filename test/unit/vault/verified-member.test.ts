import { createHash, randomBytes } from 'node:crypto';
import { appendFile, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { collect } from '../../../src/kit/streams.ts';
import type { ManifestBody } from '../../../src/model/manifest.ts';
import { sealMember } from '../../support/member.ts';
import { rejectionOf } from '../../support/rejection.ts';

const line = Buffer.from('INSERT INTO item VALUES (1);\n'.repeat(10_000));

const sealed = () =>
  sealMember('agama', 'mysql', 'local', async (sink) => {
    await sink.add('data.sql', 'data', 'zstd', Readable.from([line]));
    await sink.add('notes.txt', 'notes', 'none', Readable.from([Buffer.from('plain')]));
    const at = new Date().toISOString();
    return { dataAt: at, engineVersion: '9.7.4', identity: {}, tools: {}, position: null, facts: { tables: 1 } };
  });

async function flipByte(file: string, at: number) {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 0x10;
  await handle.write(byte, 0, 1, at);
  await handle.close();
}

function rehash(body: ManifestBody, name: string, bytes: Buffer) {
  for (const entry of body.artifacts.filter((each) => each.name === name)) {
    entry.bytes = bytes.length;
    entry.sha256 = createHash('sha256').update(bytes).digest('hex');
  }
}

describe('VerifiedMember', () => {
  it('reads back what was sealed', async () => {
    await using given = await sealed();
    const { member } = given;
    expect((await collect(member.content('data.sql'), 1e6, 'test')).equals(line)).to.equal(true);
    expect([...(await member.verifyAll()).values()]).to.deep.equal(['whole', 'whole']);
    expect(member.byRole('data').map((e) => e.contentBytes)).to.deep.equal([line.length]);
  });

  for (const at of [0, 3, 40, -1]) {
    it(`breaks with ARTIFACT_DAMAGED when byte ${at} is flipped`, async () => {
      await using given = await sealed();
      const file = join(given.folder, 'data.sql');
      const size = (await readFile(file)).length;
      await flipByte(file, (at + size) % size);
      const member = await given.reopen();
      const failure = await rejectionOf(collect(member.content('data.sql'), 1e6, 'test'));
      expect(failure.code).to.equal('ARTIFACT_DAMAGED');
      expect(failure.message).to.match(/data\.sql of .* is not what was sealed: its SHA-256 is/);
    });
  }

  it('breaks when bytes follow the end, few or many', async () => {
    await using given = await sealed();
    const file = join(given.folder, 'data.sql');
    await appendFile(file, 'x');
    const damage = await rejectionOf(collect((await given.reopen()).content('data.sql'), 1e6, 'test'));
    expect(damage.code).to.equal('ARTIFACT_DAMAGED');
    await appendFile(file, Buffer.alloc(5_000_000));
    const more = await rejectionOf(collect((await given.reopen()).content('data.sql'), 1e6, 'test'));
    expect(more.code).to.equal('ARTIFACT_DAMAGED');
  });

  it('tells a missing artifact', async () => {
    await using given = await sealed();
    await rm(join(given.folder, 'data.sql'));
    const member = await given.reopen();
    const failure = (await member.verifyAll()).get('data.sql');
    expect(failure).to.have.property('code', 'ARTIFACT_DAMAGED');
  });

  it('does not follow a link', async () => {
    await using given = await sealed();
    await rm(join(given.folder, 'notes.txt'));
    await symlink('/etc/hostname', join(given.folder, 'notes.txt'));
    const member = await given.reopen();
    expect(member.listed.strange).to.deep.equal(['notes.txt']);
    expect((await member.verifyAll()).get('notes.txt')).to.have.property('code', 'ARTIFACT_DAMAGED');
  });

  it('calls it ARTIFACT_FORMAT when the hash fits and the content does not decode', async () => {
    await using given = await sealed();
    const member = await given.reseal((body) => {
      for (const entry of body.artifacts) entry.encoding = 'zstd';
    });
    const failure = await rejectionOf(collect(member.content('notes.txt'), 1e6, 'test'));
    expect(failure.code).to.equal('ARTIFACT_FORMAT');
  });

  it('decodes what nobody has read: a flipped bit under a hash that fits is called ARTIFACT_FORMAT', async () => {
    await using given = await sealMember('agama', 'mysql', 'local', async (sink) => {
      await sink.add('data.sql', 'data', 'zstd', Readable.from([randomBytes(5_000)]));
      await sink.add('shard.tar.gz', 'shard', 'none', Readable.from([gzipSync(randomBytes(5_000))]));
      await sink.add('notes.txt', 'notes', 'none', Readable.from([Buffer.from('plain')]));
      const at = new Date().toISOString();
      return { dataAt: at, engineVersion: '9.7.4', identity: {}, tools: {}, position: null, facts: {} };
    });
    expect(await given.member.decodeRest()).to.deep.equal([]);
    const names = ['data.sql', 'shard.tar.gz'];
    for (const name of names) await flipByte(join(given.folder, name), 2_500);
    const flipped = await Promise.all(names.map((name) => readFile(join(given.folder, name))));
    const member = await given.reseal((body) => {
      for (const [i, name] of names.entries()) rehash(body, name, flipped[i] as Buffer);
    });
    const wrong = await member.decodeRest();
    expect(wrong.map(({ code }) => code)).to.deep.equal(['ARTIFACT_FORMAT', 'ARTIFACT_FORMAT']);
    expect(wrong.map(({ message }) => message).join()).to.match(/data\.sql of .* does not decode.*shard\.tar\.gz of/);
    expect([...(await member.verifyAll()).values()]).to.deep.equal(['whole', 'whole', 'whole']);
  });

  it('leaves damage to verifyAll, and decodes nothing twice', async () => {
    await using given = await sealed();
    await flipByte(join(given.folder, 'notes.txt'), 1);
    const member = await given.reopen();
    await collect(member.content('data.sql'), 1e6, 'test');
    await rm(join(given.folder, 'data.sql'));
    expect(await member.decodeRest()).to.deep.equal([]);
    const seen = await member.verifyAll();
    expect(seen.get('data.sql')).to.equal('whole');
    expect(seen.get('notes.txt')).to.have.property('code', 'ARTIFACT_DAMAGED');
  });

  it('stops a bomb at the size of the manifest', async () => {
    await using given = await sealed();
    const bomb = zstdCompressSync(Buffer.alloc(50_000_000));
    await writeFile(join(given.folder, 'data.sql'), bomb);
    const member = await given.reseal((body) => rehash(body, 'data.sql', bomb));
    const failure = await rejectionOf(collect(member.content('data.sql'), 1e9, 'test'));
    expect(failure.code).to.equal('LIMIT_EXCEEDED');
  });

  it('refuses a manifest that was changed without the key', async () => {
    await using given = await sealed();
    const file = join(given.folder, 'manifest.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"tables": 1', '"tables": 2'));
    const failure = await rejectionOf(given.reopen());
    expect(failure.code).to.equal('MANIFEST_INVALID');
    expect(failure.message).to.match(/signature/);
  });

  it('refuses a manifest that belongs elsewhere, is missing, no JSON or too deep', async () => {
    await using given = await sealed();
    const elsewhere = await rejectionOf(
      given.reseal((body) => {
        body.service = 'grafana';
      }),
    );
    expect(elsewhere.message).to.match(/says service grafana, but lies at agama/);
    const file = join(given.folder, 'manifest.json');
    for (const bad of ['', '{', '[]', '{"facts":'.repeat(90)]) {
      await writeFile(file, bad);
      expect((await rejectionOf(given.reopen())).code).to.equal('MANIFEST_INVALID');
    }
    await writeFile(file, '{"facts":'.repeat(50_000));
    const deep = await rejectionOf(given.reopen());
    expect(deep.code).to.equal('LIMIT_EXCEEDED');
    expect(deep.message).to.match(/the manifest of .* is nested more than 100 deep/);
    await rm(file);
    expect((await rejectionOf(given.reopen())).message).to.match(/no manifest/);
  });

  it('refuses text that nobody can have signed', async () => {
    await using given = await sealed();
    const file = join(given.folder, 'manifest.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"9.7.4"', '"\\ud800"'));
    const failure = await rejectionOf(given.reopen());
    expect(failure.code).to.equal('MANIFEST_INVALID');
    expect(failure.message).to.match(/is not genuine: it holds text that is no Unicode/);
  });

  it('believes nothing that hides from the seal: keys of the prototype', async () => {
    await using given = await sealed();
    const file = join(given.folder, 'manifest.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"tables": 1', '"tables": 1, "__proto__": { "tables": 7, "polluted": true }'));
    const hidden = await rejectionOf(given.reopen());
    expect(hidden.message).to.match(/is not genuine: its signature by key \w+ does not fit its content/);
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
    await writeFile(file, text.replace(/^{/, '{ "__proto__": { "kind": "full" },'));
    expect((await rejectionOf(given.reopen())).code).to.equal('MANIFEST_INVALID');
  });

  it('refuses a number that no JSON can hold', async () => {
    await using given = await sealed();
    const file = join(given.folder, 'manifest.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"tables": 1', '"tables": 1e999'));
    const failure = await rejectionOf(given.reopen());
    expect(failure.code).to.equal('MANIFEST_INVALID');
    expect(failure.message).to.match(/cannot be read: facts: is not JSON/);
  });

  it('refuses two artifacts of one name', async () => {
    await using given = await sealed();
    const failure = await rejectionOf(given.reseal(({ artifacts }) => artifacts.push(...artifacts)));
    expect(failure.message).to.match(/two artifacts have one name/);
  });

  it('reads no file that is larger than was sealed, however large it is', async () => {
    await using given = await sealed();
    await truncate(join(given.folder, 'data.sql'), 8 * 1024 ** 4);
    const member = await given.reopen();
    const failure = await rejectionOf(collect(member.content('data.sql'), 1e6, 'test'));
    expect(failure.code).to.equal('ARTIFACT_DAMAGED');
    expect(failure.message).to.match(/it has 8796093022208 bytes, the manifest says/);
    expect((await member.verifyAll()).get('data.sql')).to.equal(failure);
  });

  it('reads no further when it is told to stop', async () => {
    await using given = await sealed();
    const failure = await rejectionOf(given.member.verifyAll(AbortSignal.abort()));
    expect(failure.code).to.equal('INTERRUPTED');
  });
});
