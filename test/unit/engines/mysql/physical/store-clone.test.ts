import { Readable } from 'node:stream';
import { expect } from 'chai';
import type { CloneDocument } from '../../../../../src/engines/mysql/physical/clone-files.ts';
import type { SourceClone } from '../../../../../src/engines/mysql/physical/source-clone.ts';
import { storeClone } from '../../../../../src/engines/mysql/physical/store-clone.ts';
import { collect } from '../../../../../src/kit/streams.ts';
import type { ArtifactSink } from '../../../../../src/model/member.ts';
import { testActivity } from '../../../../support/activity.ts';
import { innodbPage } from '../../../../support/innodb-bytes.ts';
import { rejectionOf } from '../../../../support/rejection.ts';
import { tarEntries } from '../../../../support/tar-entries.ts';

/** What a source would give of a clone. `cut`: so many bytes less than it has said. */
function cloneOf(files: Record<string, Buffer>, cut = 0): SourceClone {
  const look = async () => ({
    files: Object.entries(files).map(([name, content]) => ({ name, bytes: content.length })),
    folders: ['shop', '#innodb_redo', '#clone'],
  });
  const read = (names: readonly string[]) => {
    const bytes = Buffer.concat(names.map((name) => files[name] ?? Buffer.alloc(0)));
    const stream = Readable.from([bytes.subarray(0, bytes.length - cut)], { objectMode: false });
    return { stream, done: Promise.resolve() };
  };
  return { look, read } as unknown as SourceClone;
}

function memorySink() {
  const stored = new Map<string, Buffer>();
  const add: ArtifactSink['add'] = async (name, role, encoding, content) => {
    const bytes = await collect(content, 1 << 28, name);
    stored.set(name, bytes);
    return { name, role, encoding, bytes: bytes.length, contentBytes: bytes.length, sha256: '0'.repeat(64) };
  };
  return { stored, sink: { add } };
}

const table = () => Buffer.concat([innodbPage(0), innodbPage(1)]);
const good = () => ({
  ibdata1: table(),
  'shop/item.ibd': Buffer.concat([innodbPage(0), innodbPage(1), innodbPage(2)]),
  '#innodb_redo/#ib_redo0': Buffer.alloc(700, 5),
  '#clone/#status_fix': Buffer.alloc(0),
  ib_buffer_pool: Buffer.from('1,2'),
});

const failing = async (clone: SourceClone) =>
  rejectionOf(storeClone(clone, 'agama', 2, memorySink().sink, testActivity()));

describe('storing a clone', () => {
  it('puts each file into one archive, whole, and lists it; what a server makes anew is left out', async () => {
    const { stored, sink } = memorySink();
    await storeClone(cloneOf(good()), 'agama', 2, sink, testActivity());
    expect([...stored.keys()].sort()).to.deep.equal(['clone-1.tar', 'clone-2.tar', 'clone.json']);
    const { files, folders } = JSON.parse(`${stored.get('clone.json')}`) as CloneDocument;
    expect(folders).to.deep.equal(['shop', '#innodb_redo', '#clone']);
    const { ib_buffer_pool: _, ...kept } = good();
    expect(files.map(({ name }) => name).sort()).to.deep.equal(Object.keys(kept).sort());
    for (const archive of ['clone-1.tar', 'clone-2.tar']) {
      const held = await tarEntries(stored.get(archive) ?? Buffer.alloc(0));
      const listed = files.filter((file) => file.archive === archive);
      expect(held.map(({ name }) => name)).to.deep.equal(listed.map(({ name }) => name));
      for (const { name, content } of held)
        expect(content.equals(kept[name as keyof typeof kept]), name).to.equal(true);
    }
  });

  it('breaks at a page that is damaged at the source', async () => {
    const spoilt = good();
    spoilt['shop/item.ibd'][20_000] = 0;
    const failure = await failing(cloneOf(spoilt));
    expect(failure).to.include({ code: 'BACKUP_INCOMPLETE' });
    expect(failure.message).to.equal('agama: shop/item.ibd of the source is damaged: page 1 does not fit its checksum');
  });

  it('refuses a tablespace that is encrypted, and one whose name it could not restore', async () => {
    const secret = { ...good(), 'shop/secret.ibd': innodbPage(0, { flags: 1 << 13 }) };
    expect(await failing(cloneOf(secret))).to.include({ code: 'SOURCE_UNSUITABLE' });
    const odd = await failing(cloneOf({ ...good(), 'o d d.ibd': table() }));
    expect(odd).to.include({ code: 'SOURCE_UNSUITABLE' });
    expect(odd.message).to.match(/^agama: the clone holds o d d\.ibd, which firedrill does not know how to restore$/);
  });

  it('breaks where a file ends before its end', async () => {
    expect(await failing(cloneOf(good(), 1))).to.include({ code: 'BACKUP_INCOMPLETE' });
  });
});
