import { execFile } from 'node:child_process';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { storedFile } from '../../src/model/encrypted-member.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { makeAgeKey } from '../support/age-key.ts';
import { offsiteCompany } from '../support/offsite-company.ts';

const run = promisify(execFile);

describe('offsite', function () {
  this.timeout(180_000);

  it('is what is left when the building has burned: a key, one configuration, and the copy', async () => {
    await using company = await offsiteCompany('one', 'two');
    expect((await company.run(['backup', '--full'])).status).to.equal(0);
    const sync = await company.run(['sync']);
    expect(sync.status, sync.stderr).to.equal(0);
    expect(sync.stdout).to.match(/^backup-.*\/one\/full-\w+: .*\n.*\nvault offsite: 2 backups copied, 0 there before/);
    const parity = await company.run(['verify', '--offsite']);
    expect(parity.stdout).to.match(
      /^one: same; no lag; 1 of 1 backup copied, 0 waiting, 1 compared byte for byte\ntwo: /,
    );
    expect(parity.status).to.equal(0);
    const list = await company.run(['list', '--from', 'offsite']);
    expect(list.stdout).to.match(/full-\w+ .*encrypted/);

    await using burned = await company.afterTheFire(company.escrow.text);
    // With a fault planted into a copy of the encrypted copy.
    const drill = await burned.drill('--seed', '7');
    expect(drill.status, drill.stderr + drill.stdout).to.equal(0);
    const report = /^verdict: pass \| rto: [\d.]+ of 1800 s \| report: (.*)$/m.exec(drill.stdout)?.[1] ?? '';
    const journal = JSON.parse(await readFile(join(burned.folder, report, '../journal.json'), 'utf8'));
    expect(journal.drill).to.deep.include({ vault: 'offsite', services: ['one', 'two'] });
    expect(journal.rto.usedMs).to.be.greaterThan(0);
    // Fetching and decrypting are on the clock.
    expect(journal.phases.find((each: { phase: string }) => each.phase === 'fetch').endMs).to.be.lessThan(
      journal.rto.usedMs,
    );

    // A key that does not fit, one that is lost or mangled, and a copy that is damaged: four different answers.
    await using wrong = await company.afterTheFire((await makeAgeKey()).text);
    const stranger = await wrong.drill();
    expect(stranger.status).to.equal(4);
    expect(stranger.stdout).to.match(/no key in escrow\.key opens/);
    await using mangled = await company.afterTheFire(company.escrow.text.slice(0, -5));
    const broken = await mangled.drill();
    expect(broken.status).to.equal(2);
    expect(broken.stderr).to.match(
      /\[KEY_INVALID\] escrow\.key holds a private key of age that is damaged, or is none/,
    );
    const lost = await burned.drill('--identity', 'lost.key');
    expect(lost.status).to.equal(2);
    expect(lost.stderr).to.match(/\[KEY_INVALID\] the private key lost\.key cannot be read/);
    const [member] = (await directoryVault('offsite', company.localFolder).list()).members;
    const artifact = join(company.localFolder, member?.set ?? '', member?.service ?? '', member?.id ?? '', '0001.age');
    await truncate(artifact, (await stat(artifact)).size - 100);
    const damaged = await burned.drill();
    expect(damaged.status, damaged.stdout).to.equal(3);
    expect(damaged.stdout).to.match(/FAILED manifest: one: .* was changed or cut after it was encrypted/);
    const differs = await company.run(['verify', '--offsite']);
    expect(differs.status).to.equal(3);
    expect(differs.stdout).to.match(
      /one: 1 difference;.*\n {2}vault offsite: .*0001\.age of vault offsite is not what was stored/,
    );
  });

  it('never shows half a member when the copying is killed, and the next run finishes', async () => {
    await using company = await offsiteCompany('one');
    for (let i = 0; i < 2; i++) {
      const backup = await company.run(['backup', '--full'], { env: { FIREDRILL_TEST: 'large-backup' } });
      expect(backup.status, backup.stderr).to.equal(0);
    }
    const copy = directoryVault('offsite', company.localFolder);
    for (let kill = 0; kill < 5; kill++) {
      const { child, ended } = company.start(['sync']);
      await Promise.race([ended, new Promise((resolve) => child.stderr.once('data', resolve))]);
      await sleep(Math.random() * 2000);
      child.kill('SIGKILL');
      await ended;
      for (const { files, id } of (await copy.list()).members) {
        expect(
          files.map(({ name }) => name),
          id,
        ).to.include(storedFile);
      }
    }
    const last = await company.run(['sync']);
    expect(last.status, last.stderr).to.equal(0);
    const { members, partial } = await copy.list();
    expect([members.length, partial]).to.deep.equal([2, []]);
    const parity = await company.run(['verify', '--offsite', '--all']);
    expect(parity.status, parity.stdout + parity.stderr).to.equal(0);
  });

  // Nobody else may mount a small disk.
  if (userInfo().uid === 0) {
    it('says clearly that a disk is full, there or here, and loses nothing', async () => {
      await using company = await offsiteCompany('one');
      const onSmallDisk = async (folder: string, work: () => Promise<void>) => {
        await run('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=777', 'tmpfs', folder]);
        try {
          await work();
        } finally {
          await run('umount', [folder]);
        }
      };
      const large = { env: { FIREDRILL_TEST: 'large-backup' } };
      await onSmallDisk(company.localFolder, async () => {
        // What was marked is beneath this disk.
        const unmarked = await company.run(['list', '--from', 'offsite']);
        expect(unmarked.stderr).to.match(
          /\[VAULT_READ\] vault offsite: \S+ on 127\.0\.0\.1 holds no backup, and no mark/,
        );
        const marked = await company.run(['init', '--vault', 'offsite']);
        expect([marked.status, marked.stdout], marked.stderr).to.deep.equal([
          0,
          `vault offsite: ${company.server.folder} on 127.0.0.1 is marked as a vault\n`,
        ]);
        expect((await company.run(['backup', '--full'])).status).to.equal(0);
        expect((await company.run(['sync'])).status).to.equal(0);
        expect((await company.run(['backup', '--full'], large)).status).to.equal(0);
        const full = await company.run(['sync']);
        expect(full.status).to.equal(1);
        expect(full.stderr).to.match(/\[VAULT_WRITE\] vault offsite is full/);
        const { members, partial } = await directoryVault('offsite', company.localFolder).list();
        expect([members.length, partial]).to.deep.equal([1, []]);
        expect((await company.run(['verify', '--from', 'onsite', '--all'])).status).to.equal(0);
      });
      await using other = await offsiteCompany('one');
      const vault = join(other.folder, 'vault');
      await onSmallDisk(vault, async () => {
        expect((await other.run(['init', '--vault', 'onsite'])).status).to.equal(0);
        expect((await other.run(['backup', '--full'])).status).to.equal(0);
        const full = await other.run(['backup', '--full'], large);
        expect(full.status).to.equal(1);
        expect(full.stderr).to.match(/\[VAULT_WRITE\] one: vault onsite is full/);
        expect((await other.run(['verify', '--all'])).status).to.equal(0);
        const names = await readdir(vault, { recursive: true });
        expect(names.filter((name) => name.includes('.partial'))).to.deep.equal([]);
      });
    });
  }
});
