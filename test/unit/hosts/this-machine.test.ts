import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { whyThisMachine } from '../../../src/hosts/this-machine.ts';
import { scratchFolder } from '../../support/scratch.ts';

const foreign = Buffer.from('another host key');

describe('whether a host is this machine', () => {
  it('is seen by its addresses', async () => {
    await using keys = await scratchFolder();
    expect(await whyThisMachine('127.0.0.1', foreign, keys.path)).to.equal('127.0.0.1 is an address of this machine');
    expect(await whyThisMachine('localhost', foreign, keys.path)).to.match(/is an address of this machine$/);
    expect(await whyThisMachine('::1', foreign, keys.path)).to.equal('::1 is an address of this machine');
    // Reserved for documents: nobody has it.
    expect(await whyThisMachine('192.0.2.1', foreign, keys.path)).to.equal(null);
  });

  it('is seen by its host key, whatever it is called and by whatever way it is reached', async () => {
    await using keys = await scratchFolder();
    await writeFile(
      join(keys.path, 'ssh_host_ed25519_key.pub'),
      `ssh-ed25519 ${foreign.toString('base64')} root@here\n`,
    );
    expect(await whyThisMachine('192.0.2.1', foreign, keys.path)).to.equal("it shows this machine's own host key");
    expect(await whyThisMachine('192.0.2.1', Buffer.from('other'), keys.path)).to.equal(null);
  });
});
