import { readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readDrillIndex } from '../../../src/report/drill-index.ts';
import { restoreRecord } from '../../support/journal.ts';
import { pastDrills, writeJournals } from '../../support/many-drills.ts';
import { scratchFolder } from '../../support/scratch.ts';

const cacheName = '.drills.json';

async function someDrills(nights = 3) {
  const scratch = await scratchFolder();
  const journals = pastDrills({ nights });
  await writeJournals(scratch.path, journals);
  const ids = journals.map((each) => each.drill.id);
  const cache = join(scratch.path, cacheName);
  return {
    folder: scratch.path,
    journals,
    ids,
    cache,
    journalOf: (n: number) => join(scratch.path, ids[n] ?? '', 'journal.json'),
    sentences: async () => (await readDrillIndex(scratch.path)).drills.map((each) => each.sentence),
    /** Makes the cache say something that no journal says. */
    lie: async () => {
      const text = await readFile(cache, 'utf8');
      await writeFile(cache, text.replaceAll(/"sentence":"[^"]*"/g, '"sentence":"from the cache"'));
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

describe('readDrillIndex', () => {
  it('tells of all drills, the newest first', async () => {
    await using given = await someDrills();
    const { drills, restores, unreadable, older } = await readDrillIndex(given.folder);
    expect(drills.map((each) => each.folder)).to.deep.equal(given.ids.toReversed());
    expect({ restores, unreadable, older }).to.deep.equal({ restores: 0, unreadable: [], older: 0 });
  });

  it('is empty where there is no folder', async () => {
    await using scratch = await scratchFolder();
    const index = await readDrillIndex(join(scratch.path, 'none'));
    expect(index).to.deep.equal({ drills: [], restores: 0, unreadable: [], older: 0 });
  });

  it('reads no journal twice that has not changed', async () => {
    await using given = await someDrills();
    await given.sentences();
    await given.lie();
    expect(await given.sentences()).to.deep.equal(Array(3).fill('from the cache'));
  });

  it('believes a journal and not the cache when the journal is another one', async () => {
    await using given = await someDrills();
    const [, , newest = ''] = (await given.sentences()).toReversed();
    await given.lie();
    const file = given.journalOf(2);
    const before = await stat(file);
    // Of the same size, and dated back: only the time of the change itself tells.
    await writeFile(file, (await readFile(file, 'utf8')).replace('All 4 services', 'ALL 4 services'));
    await utimes(file, before.atime, before.mtime);
    expect((await stat(file)).size).to.equal(before.size);
    const sentences = await given.sentences();
    expect(sentences).to.deep.equal([newest.replace('All', 'ALL'), 'from the cache', 'from the cache']);
  });

  it('forgets what is gone, and sees what is new', async () => {
    await using given = await someDrills();
    await given.sentences();
    await rm(join(given.folder, given.ids[0] ?? ''), { recursive: true });
    await writeJournals(given.folder, pastDrills({ nights: 1, until: '2026-11-23T02:15:00.000Z' }));
    const { drills } = await readDrillIndex(given.folder);
    expect(drills.map((each) => each.id)).to.deep.equal(['20261123T021500Z-nightly', given.ids[2], given.ids[1]]);
    expect(Object.keys(JSON.parse(await readFile(given.cache, 'utf8')).drills)).to.have.length(3);
  });

  for (const [what, text] of [
    ['no JSON', '{"format":'],
    ['of another version', '{"format":"firedrill-drills","version":99,"drills":{}}'],
    ['of another form', '{"format":"firedrill-drills","version":1,"drills":{"20261122T021500Z-nightly":{"drill":7}}}'],
    ['empty', ''],
  ] as const) {
    it(`makes a cache anew that is ${what}`, async () => {
      await using given = await someDrills();
      const truth = await given.sentences();
      await writeFile(given.cache, text);
      expect(await given.sentences()).to.deep.equal(truth);
      expect(Object.keys(JSON.parse(await readFile(given.cache, 'utf8')).drills)).to.have.length(3);
    });
  }

  it('neither reads nor writes through a link in the place of the cache', async () => {
    await using given = await someDrills();
    const truth = await given.sentences();
    await given.lie();
    const target = join(given.folder, 'elsewhere');
    await writeFile(target, await readFile(given.cache, 'utf8'));
    await rm(given.cache);
    await symlink(target, given.cache);
    expect(await given.sentences()).to.deep.equal(truth);
    expect(await readFile(target, 'utf8')).to.contain('from the cache');
  });

  it('counts real restores and damaged journals apart, also from the cache', async () => {
    await using given = await someDrills();
    const [, second] = given.journals;
    await writeFile(given.journalOf(0), 'not a journal');
    await writeFile(given.journalOf(1), JSON.stringify({ ...second, restore: restoreRecord() }));
    for (let n = 0; n < 2; n += 1) {
      const index = await readDrillIndex(given.folder);
      expect(index.drills.map((each) => each.id)).to.deep.equal([given.ids[2]]);
      expect(index).to.deep.include({ restores: 1, unreadable: [given.ids[0]] });
    }
  });
});
