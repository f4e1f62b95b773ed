import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { batchesOf } from '../../../scripts/test-batches.ts';
import { failuresOf, lastLine, sumOf, verdictOf } from '../../../scripts/test-counts.ts';
import { scratchFolder } from '../../support/scratch.ts';

describe("the project's own test run", () => {
  it('runs each test file once: the unit tests together, the longest of the others first', async () => {
    await using root = await scratchFolder();
    const files = ['unit/a.test.ts', 'unit/b/c.test.ts', 'integration/z.test.ts', 'saboteurs/saboteurs.test.ts'];
    for (const file of [...files, 'support/helper.ts', 'saboteurs/stage.ts']) {
      const path = join(root.path, 'test', file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, '');
    }
    expect(batchesOf(root.path)).to.deep.equal([
      { title: 'test/unit', files: ['test/unit/a.test.ts', 'test/unit/b/c.test.ts'] },
      { title: 'test/saboteurs/saboteurs.test.ts', files: ['test/saboteurs/saboteurs.test.ts'] },
      { title: 'test/integration/z.test.ts', files: ['test/integration/z.test.ts'] },
    ]);
  });

  it('adds up what all of them counted', () => {
    const good = { planned: 3, passes: 3, failures: 0, pending: 0 };
    expect(lastLine(verdictOf(sumOf([good, good])))).to.equal('6 passed, 0 failed');
    const cutShort = { planned: 5, passes: 1, failures: 1, pending: 0 };
    expect(lastLine(verdictOf(sumOf([good, cutShort])))).to.equal('4 passed, 4 failed');
    const skipped = { planned: 2, passes: 1, failures: 0, pending: 1 };
    expect(lastLine(verdictOf(sumOf([good, skipped])))).to.equal('4 passed, 1 failed');
    expect(lastLine(verdictOf(sumOf([])))).to.equal('0 passed, 1 failed');
  });

  it('says once more at the end what failed, and why', () => {
    expect(failuresOf('test/unit', [])).to.equal('');
    const failed = [{ title: 'a drill passes', why: 'Error: no\n    at drill.ts:1' }];
    expect(failuresOf('test/unit', failed)).to.equal(
      'failed: test/unit: a drill passes\n  Error: no\n      at drill.ts:1\n',
    );
  });
});
