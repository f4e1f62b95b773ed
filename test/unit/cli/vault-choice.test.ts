import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { drillChoiceOf } from '../../../src/cli/vault-choice.ts';
import type { Config } from '../../../src/config/config.ts';
import { demoJournal } from '../../support/demo-journal.ts';
import { scratchFolder } from '../../support/scratch.ts';

type Policy = Config['drill']['from'];

describe('the vault that a drill restores from', () => {
  /** After drills of these vaults, one a day. */
  async function chosen(policy: Policy, drilled: readonly string[], labels = ['onsite', 'offsite'], from?: string) {
    await using scratch = await scratchFolder();
    for (const [i, vault] of drilled.entries()) {
      const id = `2026112${i}T021500Z-nightly`;
      const journal = demoJournal();
      await mkdir(join(scratch.path, id));
      const content = { ...journal, drill: { ...journal.drill, id, vault } };
      await writeFile(join(scratch.path, id, 'journal.json'), JSON.stringify(content));
    }
    const config = { vaults: labels.map((label) => ({ label })), drill: { from: policy }, reportsFolder: scratch.path };
    return (await drillChoiceOf(config as unknown as Config, from === undefined ? {} : { from })).from;
  }

  it('is the first one or the second one, as the configuration says', async () => {
    expect(await chosen('onsite', ['onsite'])).to.equal('onsite');
    expect(await chosen('offsite', ['offsite'])).to.equal('offsite');
    expect(await chosen('offsite', [], ['only'])).to.equal('only');
  });

  it('is by turns the one that was not drilled last', async () => {
    expect(await chosen('alternate', [])).to.equal('onsite');
    expect(await chosen('alternate', ['onsite'])).to.equal('offsite');
    expect(await chosen('alternate', ['onsite', 'offsite'])).to.equal('onsite');
    // Drills of a vault that is not configured any more do not count.
    expect(await chosen('alternate', ['onsite', 'another'])).to.equal('offsite');
  });

  it('is the one that was asked for, whatever the configuration says', async () => {
    expect(await chosen('alternate', ['onsite'], ['onsite', 'offsite', 'third'], 'third')).to.equal('third');
  });
});
