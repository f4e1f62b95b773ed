import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { fileCompany } from '../support/firedrill.ts';
import { until } from '../support/until.ts';

const docker = dockerClient();

/** Containers, volumes and folders of pods that this process id owned. */
async function leftOf(pid: number | undefined): Promise<string[]> {
  const filters = { label: ['firedrill.drill'] };
  const isOwn = (labels: Record<string, string>) => labels['firedrill.owner']?.split('/')[1] === String(pid);
  const containers = (await docker.listContainers({ all: true, filters })).filter((each) => isOwn(each.Labels));
  const volumes = ((await docker.listVolumes({ filters })).Volumes ?? []).filter((each) => isOwn(each.Labels ?? {}));
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith('firedrill-pod-'));
  const owners = await Promise.all(
    folders.map((name) => readFile(join(tmpdir(), name, 'owner'), 'utf8').catch(() => '')),
  );
  const ownFolders = folders.filter((_, i) => isOwn({ 'firedrill.owner': owners[i] ?? '' }));
  return [...containers.map((each) => each.Id), ...volumes.map((each) => each.Name), ...ownFolders];
}

async function membersIn(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'vault'), { recursive: true }).catch(() => []);
  return names.filter((name) => /(full|partial)-[^/]*$/.test(name)).sort();
}

/** The only member of a service. */
async function memberOf(folder: string, service: string): Promise<string> {
  const member = (await membersIn(folder)).find((name) => name.includes(`/${service}/full-`));
  return join(folder, 'vault', member ?? 'none');
}

describe('command line: backup, list, verify, drill, report', function () {
  this.timeout(300_000);

  it('backs up, lists, verifies, drills and reports', async () => {
    await using company = await fileCompany('one', 'two');
    const backup = await company.run(['backup', '--full']);
    expect(backup.status, backup.stderr).to.equal(0);
    expect(backup.stdout).to.match(/^one: backup-[\d-]+\/one\/full-\w+: full, .* in 1 artifact, [\d.]+ s\ntwo: /);
    const list = await company.run(['list', 'two']);
    expect(list).to.include({ status: 0, stderr: '' });
    expect(list.stdout).to.match(
      /^SET +SERVICE +MEMBER +KIND +BUILT ON +STATE .*\nbackup-[\d-]+ +two +full-\w+ +full +sealed .*\n {2}chain of 1 member: whole\n$/,
    );
    const verify = await company.run(['verify', '--all']);
    expect(verify.status, verify.stderr).to.equal(0);
    expect(verify.stdout).to.match(/one\/full-\w+\n {2}pass +manifest: 1 of 1 artifacts\n {2}pass +format/);
    const drill = await company.run(['drill', 'nightly']);
    expect(drill.status, drill.stderr + drill.stdout).to.equal(0);
    const lines = drill.stdout.trimEnd().split('\n');
    expect(lines[0]).to.match(/^PASS: /);
    const report = /^verdict: pass \| rto: [\d.]+ of 1800 s \| report: (reports\/\d+T\d+Z-nightly\/report\.html)$/.exec(
      lines.at(-1) ?? '',
    )?.[1];
    expect(report, drill.stdout).to.be.a('string');
    expect(drill.stderr).to.match(/^one: restore: begun$/m);
    const folder = join(company.folder, report ?? '', '..');
    expect(await readdir(folder)).to.include.members(['journal.json', 'report.html', 'report.txt']);
    await rm(join(folder, 'report.html'));
    const again = await company.run(['report']);
    expect(again).to.include({ status: 0, stderr: '' });
    expect(again.stdout.split('\n')).to.include(report);
    expect(await readdir(folder)).to.include('report.html');
    const head = /^receipt 1: ([0-9a-f]{64})$/m.exec(drill.stderr)?.[1] ?? '';
    const ledger = await company.run(['ledger', 'verify', '--head', head]);
    expect(ledger).to.deep.equal({
      status: 0,
      stdout: `ledger: 1 receipt, 1 journal: whole\nhead: ${head}\n`,
      stderr: '',
    });
    await appendFile(join(folder, 'journal.json'), '\n');
    const tampered = await company.run(['ledger', 'verify']);
    expect(tampered.status).to.equal(3);
    expect(tampered.stdout).to.match(/^receipt 1 of \S+: its journal was changed\nledger: .* NOT WHOLE\nhead: /);
    const open = await company.run(['report', 'open']);
    expect(open).to.deep.equal({ status: 0, stdout: `${report}\n`, stderr: '' });
    const all = await readFile(join(company.folder, 'reports', 'index.html'), 'utf8');
    expect(all).to.contain(`href="${report?.replace('reports/', '')}"`);
    await rm(join(company.folder, 'reports', 'index.html'));
    const index = await company.run(['report', 'index']);
    expect(index).to.deep.equal({ status: 0, stdout: 'reports/index.html\n', stderr: '' });
    expect(await readFile(join(company.folder, 'reports', 'index.html'), 'utf8')).to.contain('The newest drill');
  });

  it('speaks JSON where a program would read', async () => {
    await using company = await fileCompany('one');
    const json = async (...args: string[]) => {
      const { stdout, stderr } = await company.run([...args, '--json']);
      expect(stderr, args.join(' ')).to.equal('');
      return JSON.parse(stdout);
    };
    const backup = await json('backup');
    expect(backup.done[0]).to.include({ service: 'one', artifacts: 1 });
    expect((await json('list')).members[0]).to.include({ service: 'one', state: 'sealed' });
    expect((await json('verify'))[0].results[0]).to.include({ check: 'manifest', outcome: 'pass' });
    expect(await json('drill')).to.include({ format: 'firedrill-journal', exitStatus: 0 });
    expect(await json('config', 'check')).to.deep.include({ ok: true, services: ['one'], warnings: [] });
    const { html } = await json('report');
    expect(html).to.match(/^\/.*\/report\.html$/);
  });

  it('ends with 10 where there is nothing to judge', async () => {
    await using company = await fileCompany('one');
    const list = await company.run(['list']);
    expect(list).to.include({ status: 0, stdout: '' });
    expect(list.stderr).to.match(/holds no backup yet; the next command: firedrill backup/);
    expect(JSON.parse((await company.run(['list', '--json'])).stdout)).to.deep.equal({ members: [], chains: [] });
    for (const args of [
      ['verify'],
      ['drill'],
      ['ledger', 'verify'],
      ['report'],
      ['report', 'open'],
      ['report', '20261122T021500Z-x'],
    ]) {
      const { status, stdout, stderr } = await company.run(args);
      expect([status, stdout], args.join(' ')).to.deep.equal([10, '']);
      expect(stderr).to.match(/\[NO_SUCH_SET\]/);
    }
  });

  it('ends with 3 on a bad backup, and names the check', async () => {
    await using company = await fileCompany('one', 'two');
    await company.run(['backup']);
    await appendFile(join(await memberOf(company.folder, 'one'), 'content.txt'), 'x');
    const verify = await company.run(['verify']);
    expect(verify.status).to.equal(3);
    expect(verify.stdout).to.match(/fail +manifest: [\s\S]*content\.txt of .* is not what was sealed/);
    expect((await company.run(['verify', 'two'])).status).to.equal(0);
    const drill = await company.run(['drill']);
    expect(drill.status).to.equal(3);
    expect(drill.stdout).to.match(/^FAIL: .*\n[\s\S]*FAILED manifest: one: [\s\S]*\nverdict: fail \| rto: not reached/);
  });

  it('ends with 4 without Docker, and never says that the backup is bad', async () => {
    await using company = await fileCompany('one');
    await company.run(['backup']);
    const env = { DOCKER_HOST: `unix://${company.folder}/no-docker.sock` };
    const { status, stdout } = await company.run(['drill'], { env });
    expect(status).to.equal(4);
    expect(stdout).to.match(/^INCONCLUSIVE: /);
    expect(stdout).to.match(/the Docker Engine does not answer/);
    expect(stdout.trimEnd().split('\n').at(-1)).to.match(/^verdict: inconclusive \| rto: not reached of 1800 s \| /);
    expect(stdout).to.not.match(/bad|FAIL/);
    const wrong = await company.run(['drill'], { env: { DOCKER_HOST: 'ftp://x' } });
    expect(wrong.status).to.equal(2);
    expect((await company.run(['list'], { env: { DOCKER_HOST: 'ftp://x' } })).status).to.equal(0);
  });

  it('gives the verdict also when its report cannot be written', async () => {
    await using company = await fileCompany('one');
    await company.run(['backup']);
    await writeFile(join(company.folder, 'reports'), 'a file');
    const { status, stdout, stderr } = await company.run(['drill']);
    expect(status).to.equal(1);
    expect(stdout).to.match(/\nverdict: pass \| rto: [\d.]+ of 1800 s \| report: not written\n$/);
    expect(stderr).to.match(/error \[REPORT_WRITE\]/);
    await appendFile(join(await memberOf(company.folder, 'one'), 'content.txt'), 'x');
    expect((await company.run(['drill'])).status).to.equal(3);
  });

  it('keeps the backups of other services when one fails, and nothing of the one that failed', async () => {
    await using company = await fileCompany('one', 'two');
    for (const [fault, words] of [
      [
        'fail-one-backup',
        /error \[BACKUP_INCOMPLETE\] one: the dump ended\\x1b\[2J early\n {2}mind the gap\n {2}next: /,
      ],
      ['bug-in-backup', /error \[INTERNAL\] one: x is not a function\n {2}next: .*--debug/],
    ] as const) {
      const { status, stdout, stderr } = await company.run(['backup'], { env: { FIREDRILL_TEST: fault } });
      expect(status, fault).to.equal(1);
      expect(stdout, fault).to.match(/^two: /);
      expect(stderr).to.match(words);
      const members = await membersIn(company.folder);
      expect(members).to.have.length(1);
      expect(members[0]).to.match(/\/two\/full-/);
      await rm(join(company.folder, 'vault'), { recursive: true });
      await directoryVault('onsite', join(company.folder, 'vault')).mark();
    }
  });

  it('leaves no half member when a backup is interrupted', async () => {
    await using company = await fileCompany('one');
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      const { child, ended } = company.start(['backup'], { env: { FIREDRILL_TEST: 'hang-in-backup' } });
      await until('the hang', async () => ((await membersIn(company.folder)).length > 0 ? true : undefined));
      child.kill(name);
      const { status, stderr } = await ended;
      expect(status, stderr).to.equal(130);
      expect(stderr).to.match(/\[INTERRUPTED\]/);
      expect(await membersIn(company.folder)).to.deep.equal([]);
    }
  });

  for (const [what, fault, status] of [
    ['Ctrl-C', 'hang-in-restore', 130],
    ['a bug', 'crash-in-restore', 1],
  ] as const) {
    it(`leaves nothing behind after ${what} during a restore`, async () => {
      await using company = await fileCompany('one', 'two');
      await company.run(['backup']);
      const { child, ended } = company.start(['drill'], { env: { FIREDRILL_TEST: fault } });
      const hung = new Promise((resolve) => child.stderr?.on('data', (text) => /hanging/.test(text) && resolve(true)));
      if (fault === 'hang-in-restore') {
        const isUp = async () => ((await leftOf(child.pid)).length > 2 ? true : undefined);
        await until('the pod', isUp, 60_000);
        await hung;
        child.kill('SIGINT');
        child.kill('SIGINT');
      }
      const end = await ended;
      expect(end.status, end.stderr).to.equal(status);
      expect(end.stderr).to.match(status === 130 ? /\[INTERRUPTED\] .*removed/ : /\[INTERNAL\] a bug somewhere/);
      expect(end.stdout).to.equal('');
      expect(await leftOf(child.pid)).to.deep.equal([]);
    });
  }

  it('says that the vault is full, and leaves no half member', async () => {
    await using company = await fileCompany('one');
    // Root has a real full disk. Nobody else may mount one: there the same write breaks at a limit of the file's size.
    const mounted =
      'cp -p vault/.firedrill-vault . && mount -t tmpfs -o size=512k tmpfs vault && mv .firedrill-vault vault';
    const full = `${mounted} && { "$@"; s=$?; ls -A vault/*/*; umount vault; exit $s; }`;
    const limited = 'trap \'\' XFSZ && ulimit -f 500 && { "$@"; s=$?; ls -A vault/*/*; exit $s; }';
    const shell = userInfo().uid === 0 ? full : limited;
    const { status, stdout, stderr } = await company.run(['backup'], {
      shell,
      env: { FIREDRILL_TEST: 'large-backup' },
    });
    expect(status, stderr).to.equal(1);
    expect(stderr).to.match(/error \[VAULT_WRITE\] one: vault onsite (is full|cannot be written \(EFBIG\))/);
    expect(stdout.trim()).to.equal('');
  });

  it('says that a vault is no folder', async () => {
    await using company = await fileCompany('one');
    await rm(join(company.folder, 'vault'), { recursive: true });
    await writeFile(join(company.folder, 'vault'), 'a file');
    const list = await company.run(['list']);
    expect(list.status).to.equal(1);
    expect(list.stderr).to.match(/\[VAULT_READ\] vault onsite cannot be listed \(ENOTDIR\)/);
    const backup = await company.run(['backup']);
    expect(backup.status).to.equal(1);
    expect(backup.stderr).to.match(/\[VAULT_(READ|WRITE)\] one: vault onsite cannot be/);
    const drill = await company.run(['drill']);
    expect(drill.status).to.equal(4);
  });
});
