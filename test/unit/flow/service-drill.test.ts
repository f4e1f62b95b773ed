import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import type { AnyEngine } from '../../../src/engines/engine.ts';
import { ServiceDrill } from '../../../src/flow/service-drill.ts';
import { Stopwatch } from '../../../src/flow/stopwatch.ts';
import { testActivity } from '../../support/activity.ts';
import { drillFixture, drillService } from '../../support/drill-fixture.ts';
import { fileEngine } from '../../support/file-engine.ts';
import { resealAt } from '../../support/vault-member.ts';

const { increments } = fileEngine;
if (!increments) throw new Error('the file engine makes increments');
const endsEngine: AnyEngine = { ...fileEngine, increments: { ...increments, factsAtEnds: true } };

/** A chain of four members, and its way to be opened by a drill. */
async function chainOfFour() {
  const fixture = await drillFixture();
  for (const [i, content] of ['a', 'ab', 'abc', 'abcd'].entries()) {
    await fixture.backUpAt('one', `2026-11-2${i + 2}T01:30:00.000Z`, content, i === 0 ? 'full' : 'incremental');
  }
  const { members } = await fixture.vault.list();
  const open = async (engine: AnyEngine, vault = fixture.vault) => {
    const plan = { service: 'one', chain: members, restorable: members.length, unsealed: [] };
    const service = { ...drillService('one'), engine };
    const drill = new ServiceDrill(service, plan, { ...fixture.order, vault }, new Stopwatch(testActivity()));
    await drill.open();
    return drill;
  };
  const folderOf = (i: number) => join(fixture.folder, members[i]?.set ?? '', 'one', members[i]?.id ?? '');
  return { ...fixture, members, open, folderOf };
}

describe('ServiceDrill', () => {
  it('keeps the facts of the ends of a chain only where no others are read, and the measures of all', async () => {
    await using given = await chainOfFour();
    const all = await given.open(fileEngine);
    const ends = await given.open(endsEngine);
    expect(all.chain.map(({ hasFacts }) => hasFacts)).to.deep.equal([true, true, true, true]);
    expect(ends.chain.map(({ hasFacts }) => hasFacts)).to.deep.equal([true, false, false, true]);
    const now = new Date();
    expect(ends.record(now)).to.deep.equal(all.record(now));
    expect(ends.record(now).members.map(({ measures }) => measures?.holds?.count)).to.deep.equal([1, 2, 3, 4]);
    expect(ends.results).to.deep.equal(all.results);
    expect(ends.results.map(({ outcome }) => outcome)).to.deep.equal(['pass', 'pass']);
  });

  it('calls it a fault of its own when somebody asks for facts that it let go', async () => {
    await using given = await chainOfFour();
    const { chain } = await given.open(endsEngine);
    expect(() => chain[1]?.manifest.facts)
      .to.throw('were let go')
      .with.property('code', 'INTERNAL');
  });

  it('has the facts of the newest sound member where the chain is broken before its end', async () => {
    await using given = await chainOfFour();
    await resealAt(given.folderOf(3), (body) => {
      body.parent = { id: 'full-20261121T013000Z', manifestSha256: 'a'.repeat(64) };
    });
    const drill = await given.open(endsEngine);
    expect(drill.brokenAt).to.equal(given.members[3]?.id);
    expect(drill.chain.map(({ hasFacts }) => hasFacts)).to.deep.equal([true, false, true]);
    expect(drill.chain[2]?.manifest.facts).to.deep.include({ newest: drill.chain[2]?.manifest.dataAt });
  });

  it('restores nothing where that member is another one by then', async () => {
    await using given = await chainOfFour();
    await resealAt(given.folderOf(3), (body) => {
      body.parent = { id: 'full-20261121T013000Z', manifestSha256: 'a'.repeat(64) };
    });
    let reads = 0;
    const third = given.members[2];
    const vault = {
      ...given.vault,
      read: (ref: Parameters<typeof given.vault.read>[0], file: string) => {
        if (ref.id !== third?.id) return given.vault.read(ref, file);
        reads += 1;
        return reads === 1 ? given.vault.read(ref, file) : Readable.from([Buffer.from('{}')]);
      },
    };
    const drill = await given.open(endsEngine, vault);
    expect(reads).to.equal(2);
    expect(drill.canRestore).to.equal(false);
    expect(drill.results.at(-1)).to.deep.include({ check: 'manifest', outcome: 'fail' });
  });
});
