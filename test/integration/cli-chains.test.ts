import { appendFile, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseSetName } from '../../src/model/backup-set.ts';
import { fileCompany } from '../support/firedrill.ts';

/** A service whose text grows with each backup: a full and its increments, each in a second of its own. */
async function chainCompany(increments: number) {
  const company = await fileCompany('one');
  const config = join(company.folder, 'firedrill.yaml');
  const grow = async (text: string) =>
    writeFile(config, (await readFile(config, 'utf8')).replace(/content: .*\}/, `content: ${text} }`));
  for (let i = 0; i <= increments; i += 1) {
    await grow('x'.repeat(i + 1));
    const { status, stderr } = await company.run(i === 0 ? ['backup', '--full'] : ['backup']);
    expect(status, stderr).to.equal(0);
  }
  const set = (await readdir(join(company.folder, 'vault'))).find((name) => parseSetName(name)) ?? '';
  const service = join(company.folder, 'vault', set, 'one');
  const ids = (await readdir(service)).sort((a, b) => a.slice(5).localeCompare(b.slice(5)));
  return { ...company, grow, ids, set, memberFolder: (i: number) => join(service, ids[i] ?? 'none') };
}

describe('command line: chains', function () {
  this.timeout(300_000);

  it('says what is a full, what is an increment and why it is a full', async () => {
    await using company = await chainCompany(0);
    await company.grow('xyz');
    const second = await company.run(['backup']);
    expect(second.stdout).to.match(
      /^one: backup-[\d-]+\/one\/incr-\w+: increment on full-\w+, \d+ B in 1 artifact, [\d.]+ s\n$/,
    );
    await company.grow('x');
    const third = await company.run(['backup']);
    expect(third.stdout).to.match(
      /\/full-\w+: full, .*; a full and no increment, because the text has become shorter\n$/,
    );
    await company.grow('xy');
    const { done } = JSON.parse((await company.run(['backup', '--json'])).stdout);
    expect(done[0]).to.include({ kind: 'incremental', promoted: null, noHeartbeat: null });
    expect(done[0].parent).to.match(/^full-/);
  });

  it('plans what a drill would restore, and remembers between listings which manifests are genuine', async () => {
    await using company = await chainCompany(1);
    const plan = await company.run(['plan']);
    expect(plan.status, plan.stderr).to.equal(0);
    expect(plan.stdout).to.match(/^from vault onsite, as of [\dTZ:.-]+; services are restored side by side/);
    expect(plan.stdout).to.match(new RegExp(`\n {2}${company.ids[0]} .*\n {2}${company.ids[1]} `));
    const json = JSON.parse((await company.run(['plan', 'one', '--json'])).stdout);
    expect(json.services[0].members.map(({ id }: { id: string }) => id)).to.deep.equal(company.ids);
    expect(json.estimate).to.deep.include({ whole: null, past: null });
    const listed = await company.run(['list']);
    expect(await readdir(join(company.folder, 'daemon'))).to.deep.equal(['manifests-onsite.json']);
    expect((await company.run(['list'])).stdout).to.equal(listed.stdout);
    await appendFile(join(company.memberFolder(1), 'manifest.json'), ' x');
    expect((await company.run(['list'])).stdout).to.match(/incr-\w+ +not genuine .* cannot be read/);
    const broken = await company.run(['plan', 'one']);
    expect(broken.status).to.equal(3);
    expect(broken.stdout).to.match(/^NOT GOOD: .*cannot be read/m);
  });

  it('lists chains with what each member was built on, and says of each whether it is whole', async () => {
    await using company = await chainCompany(2);
    const [full, first, second] = company.ids;
    const whole = await company.run(['list']);
    expect(whole).to.include({ status: 0, stderr: '' });
    const lines = whole.stdout.trimEnd().split('\n');
    expect(lines).to.have.length(5);
    expect(lines[2]).to.match(new RegExp(`one {6} {2}${first} +incremental +${full} +sealed`));
    expect(lines[3]).to.match(new RegExp(`${second} +incremental +${first} +sealed`));
    expect(lines[4]).to.equal('  chain of 3 members: whole');
    await rename(company.memberFolder(1), join(company.folder, 'aside'));
    const broken = await company.run(['list']);
    expect(broken.status).to.equal(0);
    expect(broken.stdout).to.contain(
      `  chain of 2 members: BROKEN: ${second} builds on ${first}, which is not in the vault\n`,
    );
    const { members, chains } = JSON.parse((await company.run(['list', '--json'])).stdout);
    expect(members[1]).to.include({ member: second, kind: 'incremental', parent: first, state: 'sealed' });
    expect(chains).to.have.length(1);
    expect(chains[0]).to.deep.include({ service: 'one', members: [full, second], whole: false });
    await cp(join(company.folder, 'aside'), company.memberFolder(1), { recursive: true });
    await appendFile(join(company.memberFolder(1), 'manifest.json'), ' x');
    const forged = await company.run(['list']);
    expect(forged.stdout).to.match(/incr-\w+ +not genuine .* cannot be read/);
    expect(forged.stdout).to.contain(`  chain of 3 members: BROKEN: ${first} is not genuine, or could not be opened\n`);
  });

  it('verifies the newest chain as a whole, and all of them when asked', async () => {
    await using company = await chainCompany(1);
    const whole = await company.run(['verify']);
    expect(whole.status, whole.stdout).to.equal(0);
    expect(whole.stdout).to.match(
      /full-\w+\n {2}pass +manifest: .*\n {2}pass +format: .*\n.*incr-\w+\n.*\n.*\nchain of 2 members from .*full-\w+\n {2}pass +chain: 2 of 2 members\n$/,
    );
    expect((await company.run(['backup', '--full'])).status).to.equal(0);
    await rm(company.memberFolder(0), { recursive: true });
    const newest = await company.run(['verify']);
    expect(newest.status).to.equal(0);
    expect(newest.stdout).to.contain('chain of 1 member from');
    const all = await company.run(['verify', '--all']);
    expect(all.status).to.equal(3);
    expect(all.stdout).to.match(
      /fail +chain: 1 of 1 members\n +one: incr-\w+ builds on a full that is not in the vault/,
    );
  });

  it('calls a chain not judged when a member cannot be opened, and a folder without a manifest bad', async () => {
    await using company = await chainCompany(2);
    await writeFile(join(company.memberFolder(1), 'manifest.json'), '{}');
    const forged = await company.run(['verify']);
    expect(forged.status).to.equal(3);
    expect(forged.stdout).to.match(/not-run +chain: .*\n +1 member of the chain could not be opened/);
    await rm(join(company.memberFolder(2), 'manifest.json'));
    const bare = await company.run(['verify']);
    expect(bare.status).to.equal(3);
    expect(bare.stdout).to.match(/incr-\w+ has no manifest: it was never completed, or was tampered with/);
  });

  it('says that a vault is not there, and does not make it', async () => {
    await using company = await fileCompany('one');
    await rm(join(company.folder, 'vault'), { recursive: true });
    for (const [args, status] of [
      [['list'], 1],
      [['verify'], 1],
      [['backup'], 1],
      [['backup', '--full'], 1],
      [['expire'], 1],
      [['drill'], 4],
    ] as const) {
      const told = await company.run(args);
      expect(told.status, args.join(' ')).to.equal(status);
      expect(told.stdout + told.stderr, args.join(' ')).to.match(/vault onsite: there is no folder \/.*\/vault/);
      if (status === 1)
        expect(told.stderr).to.match(/next: Mount it\. If the vault is new: firedrill init --vault onsite\n/);
    }
    expect(await readdir(company.folder)).to.not.include('vault');
  });

  it('tells which service keeps no log of statements', async () => {
    await using company = await fileCompany('one');
    const { status, stdout, stderr } = await company.run(['find-statement', 'one']);
    expect([status, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.match(/\[SOURCE_UNSUITABLE\] File keeps no log of statements/);
    expect((await company.run(['find-statement', 'two'])).status).to.equal(2);
  });
});
