import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { exampleConfig } from '../../../src/config/example.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { mysqlSettings } from '../../../src/engines/mysql/settings.ts';
import { collect } from '../../../src/kit/streams.ts';
import { readTar, writeTar } from '../../../src/kit/tar.ts';
import { chainProblems } from '../../../src/model/chain.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { readJournal } from '../../../src/report/read-journal.ts';
import { signManifest } from '../../../src/vault/signature.ts';
import { VerifiedMember } from '../../../src/vault/verified-member.ts';
import { demoJournal } from '../../support/demo-journal.ts';
import { onlyCodedErrors, spoiled, spoiledJson } from '../../support/fuzz.ts';
import { inChunks } from '../../support/grafana-pages.ts';
import { type SealedMember, sealMember, testKeys, trusted } from '../../support/member.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { rewriteAt } from '../../support/vault-member.ts';

const line = Buffer.from('INSERT INTO item VALUES (1);\n'.repeat(100));

describe('any bytes in place of', function () {
  this.timeout(600_000);
  let sealed: SealedMember;
  let manifest: Manifest;

  before(async () => {
    sealed = await sealMember('agama', 'mysql', 'local', async (sink) => {
      await sink.add('data.sql', 'data', 'zstd', Readable.from([line]));
      const identity = { serverId: 'x', ports: [1, 2] };
      const at = new Date().toISOString();
      const facts = { tables: [{ name: 'a', rows: 1 }], newest: null };
      return { dataAt: at, engineVersion: '9.7.4', identity, tools: { a: '1' }, position: { log: 4 }, facts };
    });
    manifest = sealed.member.manifest;
  });
  after(() => sealed?.[Symbol.asyncDispose]());

  /** Opens the member as if `bytes` were its manifest. */
  const open = (bytes: Buffer) => {
    const vault = { label: 'forged', inspect: async (listed: unknown) => listed, read: () => Readable.from([bytes]) };
    return VerifiedMember.open(vault as never, sealed.member.listed, trusted);
  };

  it('a manifest, by somebody without the key: nothing else is believed than what was sealed', async () => {
    const bytes = await readFile(join(sealed.folder, 'manifest.json'));
    const read = async (each: Buffer) => expect((await open(each)).manifest).to.deep.equal(manifest);
    await onlyCodedErrors(spoiled(bytes), read, 500);
    const { signature, ...body } = manifest;
    const forged = spoiledJson(body).map((each) => Buffer.from(JSON.stringify({ ...(each as object), signature })));
    await onlyCodedErrors(forged, read, 500);
  });

  it('a manifest, by somebody who has the key: it is of the right form, or refused', async () => {
    const { signature: _, ...body } = manifest;
    const read = async (value: unknown) => {
      let signed: unknown = value;
      try {
        signed = signManifest(value as Manifest, testKeys.privateKey);
      } catch {
        // What has no canonical form cannot be signed.
      }
      const link = await open(Buffer.from(JSON.stringify(signed) ?? ''));
      chainProblems([link, link], 'previous');
      chainProblems([sealed.member, link], 'full');
    };
    await onlyCodedErrors(spoiledJson(body), read, 800);
  });

  it('an artifact, under a manifest that fits it', async () => {
    const stored = await readFile(join(sealed.folder, 'data.sql'));
    const read = async (bytes: Buffer) => {
      await rewriteAt(sealed.folder, 'data.sql', line);
      await writeFile(join(sealed.folder, 'data.sql'), bytes);
      const member = await sealed.reseal(({ artifacts: [entry] }) => {
        if (!entry) throw new Error('there is no artifact');
        Object.assign(entry, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      });
      await collect(member.content('data.sql'), 1e6, 'test');
    };
    await onlyCodedErrors(spoiled(stored), read, 60);
  });

  it('a tar archive: no name leads out of it', async () => {
    const file = (name: string, text: string) => ({ name, size: text.length, content: Buffer.from(text) });
    const long = `${'folder/'.repeat(30)}file`;
    const entries = [
      file('a', 'hello'),
      { name: 'd/', type: 'directory' as const, size: 0 },
      file(long, 'x'.repeat(700)),
    ];
    const sample = await collect(writeTar(entries), 1 << 20, 'test');
    const read = async (bytes: Buffer) => {
      for await (const { name, content } of readTar(inChunks(bytes, 500))) {
        expect(name.startsWith('/') || name.split('/').includes('..'), name).to.equal(false);
        content.resume();
      }
    };
    await onlyCodedErrors(spoiled(sample), read, 400);
  });

  it('a configuration', async () => {
    const engines = [{ name: 'mysql', title: 'MySQL', settings: mysqlSettings }];
    const parse = (text: string) => parseConfig(text, 'firedrill.yaml', engines);
    await onlyCodedErrors(spoiled(Buffer.from(exampleConfig())).map(String), parse, 150);
    await onlyCodedErrors(fc.json({ maxDepth: 4 }), parse, 150);
  });

  it('a journal', async () => {
    await using scratch = await scratchFolder();
    const path = join(scratch.path, 'journal.json');
    const read = async (text: string) => {
      await writeFile(path, text);
      await readJournal(path);
    };
    const journal = demoJournal();
    await onlyCodedErrors(
      spoiledJson(journal).map((each) => JSON.stringify(each) ?? ''),
      read,
      150,
    );
    await onlyCodedErrors(spoiled(Buffer.from(JSON.stringify(journal))).map(String), read, 150);
  });
});
