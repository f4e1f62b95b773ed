import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fileCompany } from '../support/firedrill.ts';

const run = promisify(execFile);

/** A company whose vault is to lie at `mnt`, where nothing is mounted yet. */
async function companyAt(name = 'mnt') {
  const company = await fileCompany('one');
  const file = join(company.folder, 'firedrill.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('folder: vault', `folder: ${name}`));
  const mountPoint = join(company.folder, name);
  await mkdir(mountPoint);
  return { ...company, mountPoint };
}

const refusal =
  /error \[VAULT_\w+\] .*vault onsite: \S+\/mnt holds no backup, and no mark of a new vault: .*\n {2}next: Mount it\. If the vault is new: firedrill init --vault onsite\n/;

describe('a vault whose disk is not mounted', function () {
  this.timeout(240_000);

  it('is an error for each command, until somebody says that it is a new vault', async () => {
    await using company = await companyAt();
    const { mountPoint } = company;
    for (const command of ['backup', 'list', 'verify', 'expire']) {
      const { status, stderr } = await company.run([command]);
      expect(status, command).to.equal(1);
      expect(stderr, command).to.match(refusal);
    }
    // It says nothing of the backups: nobody could look.
    const drill = await company.run(['drill']);
    expect(drill.status, drill.stdout + drill.stderr).to.equal(4);
    expect(drill.stdout).to.match(/UNCLEAR .*vault onsite: \S+\/mnt holds no backup, and no mark of a new vault/);
    const doctor = await company.run(['doctor']);
    expect(doctor.stdout).to.match(/no mark of a new vault: its disk may not be mounted/);
    expect(await readdir(mountPoint)).to.deep.equal([]);

    const marked = await company.run(['init', '--vault', 'onsite']);
    expect([marked.status, marked.stdout]).to.deep.equal([0, `vault onsite: ${mountPoint} is marked as a vault\n`]);
    expect(marked.stderr).to.contain(
      `It lies on the disk of ${company.folder}: if a disk of its own belongs there, remove`,
    );
    expect((await company.run(['list'])).stderr).to.not.match(/VAULT_/);
    expect((await company.run(['backup'])).status).to.equal(0);
    expect((await company.run(['init', '--vault', 'onsite'])).status).to.equal(0);
    const unknown = await company.run(['init', '--vault', 'nowhere']);
    expect(unknown.status).to.equal(2);
    expect(unknown.stderr).to.match(/there is no vault nowhere; configured are onsite/);
    const both = await company.run(['init', '--vault', 'onsite', '--force']);
    expect(both.status).to.equal(2);
  });

  // Nobody else may mount.
  if (userInfo().uid === 0) {
    it('is known although its folder is the mount point itself, and nothing is written beneath', async () => {
      await using company = await companyAt();
      const { mountPoint } = company;
      await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mountPoint]);
      try {
        const marked = await company.run(['init', '--vault', 'onsite']);
        // A disk of its own: no doubt is left.
        expect([marked.status, marked.stderr]).to.deep.equal([0, '']);
        expect((await company.run(['backup'])).status).to.equal(0);
        expect((await company.run(['list'])).stdout).to.match(/full-/);
      } finally {
        await run('umount', [mountPoint]);
      }
      const backup = await company.run(['backup']);
      expect(backup.status).to.equal(1);
      expect(backup.stderr).to.match(refusal);
      expect(await readdir(mountPoint)).to.deep.equal([]);
    });
  }
});
