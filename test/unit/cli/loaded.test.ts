import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { manyMembers } from '../../../scripts/bench/many-members.ts';
import { firedrill } from '../../support/firedrill.ts';
import { scratchFolder } from '../../support/scratch.ts';

const root = join(import.meta.dirname, '../../..');
const watch = pathToFileURL(join(root, 'test/support/loaded-packages.ts')).href;

/** All that a vault in a folder takes to be listed. */
const needed = ['canonicalize', 'commander', 'p-map', 'yaml', 'zod'];

describe('packages that a command loads', () => {
  it('are no more than it needs, where it only reads a vault', async function () {
    this.timeout(60_000);
    await using scratch = await scratchFolder();
    const config = await manyMembers(scratch.path, 3);
    for (const args of [['list'], ['list', '--help'], ['expire', '--dry-run']]) {
      const { status, packages } = await loadedBy(scratch.path, ['--config', config, ...args]);
      expect(status, args.join(' ')).to.equal(0);
      expect(packages.filter((each) => !needed.includes(each))).to.deep.equal([]);
    }
  });

  it('are there when they are needed', async function () {
    this.timeout(60_000);
    await using scratch = await scratchFolder();
    const config = await manyMembers(scratch.path, 1);
    const metrics = await loadedBy(scratch.path, ['--config', config, 'metrics']);
    expect(metrics.packages).to.include('prom-client').and.not.include('dockerode');
    const escrow = await loadedBy(scratch.path, ['--config', config, 'init', '--escrow-key', 'escrow.txt']);
    expect(escrow.packages).to.include('age-encryption').and.not.include('dockerode');
  });
});

async function loadedBy(cwd: string, args: readonly string[]) {
  const { status, stderr } = await firedrill(args, {
    cwd,
    main: 'real',
    shell: `exec "$1" --import ${watch} "\${@:2}"`,
  });
  const packages = /^loaded: (.*)$/m.exec(stderr)?.[1]?.split(' ');
  if (!packages) throw new Error(`it did not say what it loaded: ${stderr}`);
  return { status, packages };
}
