import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { memoryOf } from '../../src/daemon/memory.ts';
import { parseMemberId } from '../../src/model/backup-set.ts';
import { chainAgo, dayMs } from '../support/aged-vault.ts';
import { daemonOf, endsOf, isWaiting, reconfigure } from '../support/daemon-company.ts';
import { offsiteCompany } from '../support/offsite-company.ts';

/** Members of a vault's folder, with those of twenty days ago told apart: `one/full`, `one/full, old`. */
async function membersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .flatMap((name) => {
      const [set = '', service, id = '', ...rest] = name.split('/');
      const parsed = parseMemberId(id);
      if (!parsed || rest.length > 0 || !set.startsWith('backup-')) return [];
      const isOld = Date.now() - parsed.startedAt.getTime() > 10 * dayMs;
      return [`${service}/${parsed.kind}${isOld ? ', old' : ''}`];
    })
    .sort();
}

/** Whether something is half-way into that vault: of a set, not of a lock. */
async function isCopying(folder: string): Promise<boolean> {
  const names = await readdir(folder, { recursive: true });
  return names.some((name) => name.startsWith('backup-') && name.includes('.partial-'));
}

/** Two services, of which one has an old chain that expires after the drill; a slow copy, so that there is a middle of it. */
async function nightCompany() {
  const company = await offsiteCompany('one', 'two');
  await reconfigure(company, '4MiB', '12KiB');
  await reconfigure(company, 'drill:\n', 'drill:\n  planted: false\n');
  await chainAgo(company.folder, 'one', 20 * dayMs);
  return company;
}

const olds = ['one/full, old', 'one/incremental, old', 'one/incremental, old'];
const news = ['one/full', 'two/full'];

describe('a daemon killed by SIGKILL in the middle of a backup, a copy, a drill and an expiry', function () {
  this.timeout(360_000);

  for (const isAlone of [true, false]) {
    const what = isAlone
      ? 'the run goes on, and the next daemon waits for it'
      : 'with the run: it is begun again at once';
    it(`${what}; nothing is made twice, nothing is missing`, async () => {
      await using company = await nightCompany();
      const daemon = daemonOf(company);
      const goOn = { backup: join(company.folder, 'go-on-backup'), drill: join(company.folder, 'go-on-drill') };
      const waiting = (where: 'backup' | 'drill') => ({
        FIREDRILL_TEST: where === 'backup' ? 'wait-in-backup' : 'wait-in-restore',
        FIREDRILL_TEST_FILE: goOn[where],
      });
      /** Kills the daemon, and the run where it is to die with it, in the middle of a job; what it has logged of ends. */
      const killIn = async (
        job: string,
        env: Record<string, string>,
        isMiddle?: (folder: string) => Promise<boolean>,
      ) => {
        const started = daemon.start(['--once'], env);
        const middle = await daemon.midst(job, isMiddle);
        // Stopped first, so that it does not come to its end meanwhile.
        process.kill(middle.pid, 'SIGSTOP');
        const { log } = await started.kill();
        expect(await middle.ended(), `${job} was in its middle`).to.equal(undefined);
        process.kill(isAlone ? middle.pid : -middle.pid, isAlone ? 'SIGCONT' : 'SIGKILL');
        return endsOf(log);
      };
      const died = (job: string) => (isAlone ? [`${job} ok`] : [`${job} died`, `${job} ok`]);

      expect(await killIn('full', waiting('backup'), isWaiting)).to.deep.equal([]);
      expect(await membersIn(join(company.folder, 'vault'))).to.deep.equal([...olds, 'one/full'].sort());
      await writeFile(goOn.backup, '');
      expect(await killIn('sync', waiting('backup'), () => isCopying(company.localFolder))).to.deep.equal(died('full'));
      expect(await killIn('drill', waiting('drill'), isWaiting)).to.deep.equal(died('sync'));
      await writeFile(goOn.drill, '');
      // At its beginning: it is over too soon to be met elsewhere for sure. kills.test.ts kills expiries at any moment.
      expect(await killIn('expire', waiting('drill'))).to.deep.equal(died('drill'));

      const last = await daemon.once();
      expect(last.status, last.stdout + last.stderr).to.equal(0);
      expect(endsOf(last.log)).to.deep.equal([...died('expire'), 'expire-offsite ok']);
      expect(await membersIn(join(company.folder, 'vault'))).to.deep.equal(news);
      expect(await membersIn(company.localFolder)).to.deep.equal([...olds, ...news].sort());
      const parity = await company.run(['verify', '--offsite']);
      expect(parity.status, parity.stdout + parity.stderr).to.equal(0);
      const reports = await readdir(join(company.folder, 'reports'));
      expect(reports.filter((name) => name.endsWith('-nightly'))).to.have.length(1);
      const memory = await daemon.memory();
      expect(memory).to.deep.include({ running: [], untold: [] });
      for (const job of ['full', 'sync', 'drill', 'expire', 'expire-offsite']) {
        expect(memoryOf(memory, job).last?.end, job).to.equal('ok');
        expect(memoryOf(memory, job).open, job).to.equal(null);
      }
      expect(await daemon.runFolders()).to.deep.equal([]);
      const nothing = await daemon.once();
      expect(endsOf(nothing.log)).to.deep.equal([]);
    });
  }
});
