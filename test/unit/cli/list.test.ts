import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { runList } from '../../../src/cli/list.ts';
import { composedOf } from '../../support/composed.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { fileEngine } from '../../support/file-engine.ts';

describe('runList', () => {
  it('calls no chain whole of which a member lost its manifest, and no other for that', async () => {
    await using given = await drillFixture();
    const members = [];
    for (const day of [22, 23, 24, 25, 26]) {
      const kind = day === 25 ? 'full' : 'incremental';
      members.push(await given.backUpAt('one', `2026-11-${day}T01:30:00.000Z`, 'a text', kind));
    }
    const composed = composedOf(given.vault, fileEngine, ['one']);
    const problems = async () => (await runList(composed, [])).chains.map((each) => each.problems);
    expect(await problems()).to.deep.equal([[], []]);
    const [, , third] = members;
    await rm(join(given.folder, third?.set ?? '', 'one', third?.id ?? '', 'manifest.json'));
    expect(await problems()).to.deep.equal([[`${third?.id} has no manifest, and cannot be used`], []]);
  });
});
