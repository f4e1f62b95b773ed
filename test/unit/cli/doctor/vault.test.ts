import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { diagnoseVault } from '../../../../src/cli/doctor/vault.ts';
import { markVault } from '../../../../src/cli/vaults.ts';
import type { VaultConfig } from '../../../../src/config/config.ts';
import { makeAgeKey } from '../../../support/age-key.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const sizes = { stored: 0 };

const directory = (folder: string, change: Partial<VaultConfig> = {}): VaultConfig => ({
  ...{ kind: 'directory', label: 'offsite', folder, recipients: [], ageIdentityFile: undefined },
  ...{ retentionDays: undefined, sameMachineAllowed: false },
  ...(change as object),
});

describe('doctor: vaults', () => {
  it('finds one that is not there, and counts what lies in one that is', async () => {
    await using scratch = await scratchFolder();
    const absent = directory(join(scratch.path, 'mnt'));
    expect(await diagnoseVault(absent, absent, sizes)).to.deep.include.members([
      {
        ok: false,
        what: `vault offsite: there is no ${absent.folder}`,
        advice: 'Mount it. If the vault is new: firedrill init --vault offsite',
      },
    ]);
    const there = directory(scratch.path);
    const unmarked = await diagnoseVault(there, there, sizes);
    expect(unmarked[1]).to.deep.equal({
      ok: false,
      what: `vault offsite: ${scratch.path} holds no backup, and no mark of a new vault: its disk may not be mounted`,
      advice: 'Mount it. If the vault is new: firedrill init --vault offsite',
    });
    await markVault(there);
    const found = await diagnoseVault(there, there, sizes);
    expect(found.map(({ ok }) => ok)).to.deep.equal([true, true]);
    expect(found[1]?.what).to.match(/^vault offsite: 0 backups, 0 in progress/);
  });

  it('finds a second vault that is none, and takes it where that is allowed', async () => {
    await using scratch = await scratchFolder();
    const first = directory(join(scratch.path, 'onsite'), { label: 'onsite' });
    const second = directory(join(scratch.path, 'offsite'));
    for (const each of [first, second]) await markVault(each);
    const [problem] = (await diagnoseVault(second, first, sizes)).filter(({ ok }) => !ok);
    expect(problem?.what).to.match(/^vault offsite is no second copy beside vault onsite: it is on the same disk/);
    const allowed = await diagnoseVault({ ...second, sameMachineAllowed: true }, first, sizes);
    expect(allowed.every(({ ok }) => ok)).to.equal(true);
  });

  it('finds a private key that others may read', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'escrow.key');
    await writeFile(file, (await makeAgeKey()).text);
    const vault = directory(scratch.path, { ageIdentityFile: file });
    await chmod(file, 0o640);
    await markVault(vault);
    const [problem] = (await diagnoseVault(vault, vault, sizes)).filter(({ ok }) => !ok);
    expect(problem).to.deep.include({ advice: `Run: chmod 600 ${file}` });
    await chmod(file, 0o600);
    expect((await diagnoseVault(vault, vault, sizes)).every(({ ok }) => ok)).to.equal(true);
  });
});
