import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { backUpAgo, chainAgo, dayMs, leaveDrill } from '../support/aged-vault.ts';
import { fileCompany } from '../support/firedrill.ts';

/** Members of a service in the vault, by their names. */
async function membersOf(folder: string, service: string): Promise<string[]> {
  const names = await readdir(join(folder, 'vault'), { recursive: true });
  return names.filter((name) => new RegExp(`/${service}/(full|incr)-\\w+$`).test(name)).sort();
}

describe('command line: expire', function () {
  this.timeout(120_000);

  it('removes what is too old, whole chains, and says what and why', async () => {
    await using company = await fileCompany('one', 'two');
    const { folder } = company;
    const old = await chainAgo(folder, 'one', 30 * dayMs);
    await chainAgo(folder, 'two', 30 * dayMs, 0);
    const young = [await backUpAgo(folder, 'one', 3_600_000, 'full')];
    await mkdir(join(folder, 'vault', 'lost+found'));

    const before = await company.run(['expire', 'one']);
    expect(before.status, before.stderr).to.equal(0);
    expect(before.stdout).to.match(
      /^ {2}kept .* days old, but no drill has restored this service from this vault yet$/m,
    );
    expect(await membersOf(folder, 'one')).to.have.length(4);

    await leaveDrill(folder, young);
    const planned = await company.run(['expire', '--dry-run']);
    expect(planned.status, planned.stderr).to.equal(0);
    expect(planned.stdout.split('\n')[0]).to.equal('one: kept for 7 days');
    expect(planned.stdout).to.match(
      new RegExp(
        `^  would go +${old[0]?.set}/one/${old[0]?.id} and 2 increments, .*: its newest data is \\d\\d\\.\\d days old$`,
        'm',
      ),
    );
    expect(planned.stdout).to.match(/^not this configuration's, left alone: lost\+found$/m);
    expect(planned.stdout).to.match(/\nvault onsite: 1 chain of 3 members, [\d.]+ KiB, would be removed\n$/);
    expect(await membersOf(folder, 'one')).to.have.length(4);

    const done = await company.run(['expire']);
    expect(done.status, done.stderr).to.equal(0);
    expect(done.stderr.match(/^one: expire: remove .*$/gm)).to.deep.equal(
      old.toReversed().map(({ set, service, id }) => `one: expire: remove ${set}/${service}/${id}`),
    );
    expect(await membersOf(folder, 'one')).to.deep.equal(
      young.map(({ set, service, id }) => `${set}/${service}/${id}`),
    );
    expect(await membersOf(folder, 'two'), 'never drilled').to.have.length(1);
    expect((await company.run(['verify', '--all', '--quiet'])).status).to.equal(0);

    const json = JSON.parse((await company.run(['expire', 'one', '--json'])).stdout);
    expect(json).to.deep.include({ vault: 'onsite', dryRun: false, failed: [], foreign: ['lost+found'] });
    expect(json.services[0]).to.deep.include({ service: 'one', retentionDays: 7, held: null });
    expect(json.services[0].chains[0]).to.include({ fate: 'keep' });
    expect((await company.run(['expire', 'one'])).stdout).to.match(
      /\nvault onsite: nothing has expired that may go\n$/,
    );
  });

  it('removes nothing after a drill that failed, and keeps the last good chain whatever its age', async () => {
    await using company = await fileCompany('one');
    const { folder } = company;
    const oldest = await chainAgo(folder, 'one', 60 * dayMs, 1);
    const good = await chainAgo(folder, 'one', 30 * dayMs, 1);
    const young = [await backUpAgo(folder, 'one', 3_600_000, 'full')];
    await leaveDrill(folder, young, { outcome: 'fail', agoMs: 60_000 });
    const held = await company.run(['expire']);
    expect(held.stdout).to.match(/but the newest drill of it, \w+-nightly, failed$/m);
    expect(await membersOf(folder, 'one')).to.have.length(5);
    await leaveDrill(folder, good);
    const done = await company.run(['expire']);
    expect(done.stdout).to.match(/^ {2}kept .*: the last chain that a drill has restored$/m);
    const left = await membersOf(folder, 'one');
    expect(left).to.have.length(3);
    expect(left.filter((name) => oldest.some(({ id }) => name.endsWith(id)))).to.deep.equal([]);
  });

  it('works on another vault by its own retention and its own drills', async () => {
    await using company = await fileCompany('one');
    const { folder } = company;
    const file = join(folder, 'firedrill.yaml');
    const other = '  other: { kind: directory, folder: vault, retention: 90d }\n';
    await writeFile(file, (await readFile(file, 'utf8')).replace('services:\n', `${other}services:\n`));
    await chainAgo(folder, 'one', 30 * dayMs, 1);
    await leaveDrill(folder, [await backUpAgo(folder, 'one', 3_600_000, 'full')]);
    const there = await company.run(['expire', '--vault', 'other', '--dry-run']);
    expect(there.stdout).to.match(/^one: kept for 90 days\n/);
    expect(there.stdout).to.match(/vault other: nothing has expired that may go\n$/);
    const unknown = await company.run(['expire', '--vault', 'moon']);
    expect(unknown.status).to.equal(2);
    expect(unknown.stderr).to.match(/\[USAGE\] there is no vault moon; configured are onsite, other/);
  });

  it('ends with 11 where another run is at work, which it names; a dead one is taken over', async () => {
    await using company = await fileCompany('one');
    const { child, ended } = company.start(['backup'], { env: { FIREDRILL_TEST: 'hang-in-backup' } });
    await new Promise((resolve) => child.stderr?.on('data', (text) => /hanging/.test(text) && resolve(true)));
    for (const args of [['backup'], ['expire']]) {
      const { status, stderr } = await company.run(args);
      expect(status, stderr).to.equal(11);
      expect(stderr).to.contain(`[LOCKED] one: one in vault onsite is locked: backup by process ${child.pid} on `);
      expect(stderr).to.contain(`next: Wait for it to end; what it does: ps -fp ${child.pid}`);
    }
    child.kill('SIGKILL');
    await ended;
    const next = await company.run(['backup']);
    expect(next.status, next.stderr).to.equal(0);
    expect(next.stderr).to.match(
      new RegExp(
        `^one: lock: taken over: one in vault onsite was locked: backup by process ${child.pid} .*, whose process is gone$`,
        'm',
      ),
    );
    expect((await company.run(['list'])).stdout).to.not.match(/in progress/);
  });
});
