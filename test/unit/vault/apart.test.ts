import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { togetherness } from '../../../src/vault/apart.ts';
import { directoryVault } from '../../../src/vault/directory.ts';
import type { Whereabouts } from '../../../src/vault/vault.ts';
import { scratchFolder } from '../../support/scratch.ts';

const folder = (path: string, device: number, inode: number): Whereabouts => ({ kind: 'folder', path, device, inode });
const host = (name: string, hostKey: string, thisMachine: string | null = null): Whereabouts => ({
  ...{ kind: 'host', host: name, hostKey, thisMachine },
});

describe('two vaults that are one', () => {
  it('are told by their folders', () => {
    const onsite = folder('/mnt/a/vault', 1, 10);
    expect(togetherness(onsite, folder('/mnt/b/vault', 2, 10))).to.equal(undefined);
    expect(togetherness(onsite, folder('/srv/vault', 1, 11))?.same).to.equal('machine');
    // A bind mount: another path, the same folder.
    expect(togetherness(onsite, folder('/srv/vault', 1, 10))?.same).to.equal('place');
    expect(togetherness(onsite, folder('/mnt/a/vault/offsite', 3, 12))?.same).to.equal('place');
    expect(togetherness(onsite, folder('/mnt/a', 3, 12))?.same).to.equal('place');
    expect(togetherness(onsite, folder('/mnt/a/vault-2', 3, 12))).to.equal(undefined);
  });

  it('are told by their hosts', () => {
    const onsite = folder('/vault', 1, 10);
    expect(togetherness(onsite, host('far', 'SHA256:a'))).to.equal(undefined);
    expect(togetherness(host('far', 'SHA256:a'), host('other', 'SHA256:b'))).to.equal(undefined);
    expect(togetherness(host('far', 'SHA256:a'), host('alias', 'SHA256:a'))?.same).to.equal('machine');
    const found = togetherness(onsite, host('near', 'SHA256:a', "it shows this machine's own host key"));
    expect(found?.reason).to.equal("is on this machine itself: near, it shows this machine's own host key");
  });

  it('are told also where one is a link to the other', async () => {
    await using scratch = await scratchFolder();
    const [real, link] = [join(scratch.path, 'vault'), join(scratch.path, 'link')];
    await mkdir(real);
    await symlink(real, link);
    const [first, second] = [directoryVault('onsite', real), directoryVault('offsite', link)];
    const found = togetherness(await first.whereabouts(), await second.whereabouts());
    expect(found).to.deep.equal({ reason: `is the same folder: ${real}`, same: 'place' });
  });
});
