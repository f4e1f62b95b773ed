import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { neededPrivileges } from '../../src/engines/mysql/source.ts';
import { npmEnvironment, type Play, play, playBare } from '../support/ansible.ts';
import { images } from '../support/images.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { promtoolPath } from '../support/prometheus.ts';
import { scratchFolder } from '../support/scratch.ts';
import { type SystemdMachine, systemdMachine } from '../support/systemd-machine.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'deploy/ansible');

const textfiles = '/var/lib/prometheus/node-exporter';
const rulesFile = '/etc/prometheus/firedrill.rules.yml';
const secret = `it's "$HOME" \\ \`${randomBytes(8).toString('hex')}`;
const pingSecret = `http://127.0.0.1:9/a"$b\\c\`${randomBytes(8).toString('hex')}`;
const never = { full: 'never', incremental: 'never', drill: 'never', expire: 'never', sync: 'never', hourly: 'never' };

/** ansible-lint about a copy of the folder, after `change`. */
async function complaints(change: (at: string) => Promise<void> = async () => {}) {
  await using scratch = await scratchFolder();
  await cp(folder, scratch.path, { recursive: true });
  await change(scratch.path);
  const args = ['--offline', '--nocolor'];
  const { code = 0, stdout, stderr } = await run('/usr/bin/ansible-lint', args, { cwd: scratch.path }).catch((e) => e);
  return { status: code, said: `${stdout}${stderr}` };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A machine as it is before the first run, with the package, and what it has of MySQL, Prometheus and ssh. */
async function freshMachine(server: MysqlServer, sshPort: number): Promise<SystemdMachine> {
  const machine = await systemdMachine('ansible', { promtool: promtoolPath() });
  const client = `#!/bin/sh\nexec docker exec -i -e MYSQL_PWD ${server.container.name} mysql --no-defaults --socket=/tmp/mysqld.sock "$@"\n`;
  await machine.write('/usr/local/bin/mysql', client, '755');
  await machine.output(`mkdir -p /run/sshd /etc/prometheus && mkdir -p /etc/ssh
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
    /usr/sbin/sshd -f /dev/null -o ListenAddress=127.0.0.1:${sshPort} -o UsePAM=no -o PidFile=none -h /etc/ssh/ssh_host_ed25519_key`);
  const prometheus = '[Service]\nExecStart=/bin/sleep infinity\nExecReload=/bin/touch /run/prometheus-has-reloaded\n';
  await machine.write('/etc/systemd/system/prometheus.service', prometheus);
  await machine.output('systemctl daemon-reload && systemctl start prometheus');
  return machine;
}

describe('the Ansible role', function () {
  this.timeout(900_000);
  let server: MysqlServer;
  let machine: SystemdMachine;
  let variables: Record<string, unknown>;
  let sshPort: number;

  const daemonPid = () => machine.output('systemctl show --property MainPID --value firedrill');
  const playAll = (changes: Record<string, unknown> = {}, args: readonly string[] = []) =>
    play(machine, { ...variables, ...changes }, args);
  const expectDone = ({ status, stdout, stderr }: Play) => expect(status, stdout + stderr).to.equal(0);

  before(async () => {
    await using scratch = await scratchFolder();
    await run('npm', ['run', '--silent', 'build'], { cwd: root });
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', scratch.path], { cwd: root });
    const [packed = ''] = await readdir(scratch.path);
    server = await mysqlServer('ansible', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']);
    sshPort = await freePort();
    machine = await freshMachine(server, sshPort);
    await machine.write('/root/firedrill.tgz', await readFile(join(scratch.path, packed)));
    variables = {
      firedrill_package: '/root/firedrill.tgz',
      firedrill_npm_environment: await npmEnvironment(machine),
      firedrill_secrets: { 'agama.txt': secret },
      firedrill_environment: { INFLUXDB_PASSWORD: 'of-influxdb', PING: pingSecret },
      firedrill_config: { schedules: { ...never, full: '30 1 1 1 *' }, notify: { pings: { drill: { env: 'PING' } } } },
      firedrill_textfile_folder: textfiles,
      firedrill_rules_file: rulesFile,
      firedrill_source_address: `[127.0.0.1]:${sshPort}`,
      firedrill_source_mysql_host: '%',
    };
  });
  after(async () => {
    await machine?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  it('is clean to ansible-lint in its strictest profile, which would say what is not', async () => {
    const { status, said } = await complaints();
    expect(status, said).to.equal(0);
    expect(said).to.contain('Passed with production profile: 0 failure(s), 0 warning(s)');
    const spoilt = await complaints(async (at) => {
      const file = join(at, 'roles/firedrill/tasks/account.yaml');
      await writeFile(file, (await readFile(file, 'utf8')).replace('ansible.builtin.user', 'user'));
    });
    expect(spoilt.status).to.equal(2);
    expect(spoilt.said).to.contain('fqcn');
  });

  it('has an inventory and a playbook as an example that Ansible understands, and that name the same groups', async () => {
    const args = ['-i', 'hosts.example.yaml', 'infra.yaml', '-e', '@secrets.example.yaml'];
    const checked = await run('/usr/bin/ansible-playbook', [...args, '--syntax-check'], { cwd: folder });
    expect(checked.stdout).to.match(/^\s*playbook: infra\.yaml\s*$/);
    const listed = await run('/usr/bin/ansible-playbook', [...args, '--list-hosts'], { cwd: folder });
    expect(listed.stderr).to.not.contain('Could not match supplied host pattern');
    expect(listed.stdout).to.not.match(/hosts \(0\)/);
    const hosts = new Set([...listed.stdout.matchAll(/^ {6}(\S+)$/gm)].map(([, host]) => host));
    expect([...hosts].sort()).to.deep.equal([
      ...['backup.example.com', 'db1.example.com', 'db2.example.com', 'metrics.example.com'],
    ]);
  });

  it('lets the account of MySQL do what a backup needs, and nothing more', async () => {
    const text = await readFile(join(folder, 'roles/firedrill_source/vars/main.yaml'), 'utf8');
    const [, listed = ''] = /^firedrill_source_privileges:\n((?: {2}- .*\n)+)/m.exec(text) ?? [];
    expect(
      listed
        .trim()
        .split(/\s*\n?\s*- /)
        .filter(Boolean),
    ).to.deep.equal([...neededPrivileges]);
  });

  it('changes nothing, and says why, when required variables are missing', async () => {
    const { status, stdout } = await playBare(machine);
    expect(status, stdout).to.equal(2);
    expect(stdout).to.contain('missing required arguments: firedrill_package, firedrill_services');
    expect(stdout).to.match(/changed=0 .*failed=1/);
  });

  const mistakes: [string, Record<string, unknown>, RegExp][] = [
    [
      'an engine is unknown',
      { firedrill_services: { agama: { engine: 'oracle' } } },
      /each with an engine of grafana, influxdb, mysql;\s+not so: agama/,
    ],
    ['a secret is not given', { firedrill_secrets: {} }, /firedrill_secrets: agama\.txt/],
    ['a word is none of those that are allowed', { firedrill_run: 'cron' }, /firedrill_run.*daemon, timer/],
    ['the package is not there', { firedrill_package: '/root/other.tgz' }, /there is no file \/root\/other\.tgz/],
    ['the disk of the vault is not mounted', { firedrill_vault_disk: '/srv/firedrill' }, /no disk is mounted at/],
  ];
  for (const [what, wrong, why] of mistakes) {
    it(`changes nothing, and says why, when ${what}`, async () => {
      const { status, stdout, recap } = await playAll(wrong);
      expect(status, stdout).to.equal(2);
      expect(recap).to.include({ changed: 0, failed: 1 });
      expect(stdout).to.match(why);
      expect((await machine.sh('ls -d /etc/firedrill /opt/firedrill')).stdout).to.equal('');
    });
  }

  it('says before the first run what it would do, and does nothing of it', async () => {
    const before = await machine.output('cat /etc/passwd /etc/group; ls -R /etc/systemd /opt /srv /var/lib');
    const planned = await playAll({}, ['--check', '--diff']);
    expectDone(planned);
    expect(planned.recap.failed).to.equal(0);
    expect(planned.recap.changed).to.be.above(15);
    for (const part of [
      'item=firedrill)',
      'item=/etc/firedrill)',
      'item=/usr/local/bin/firedrill)',
      'firedrill.service',
    ])
      expect(planned.stdout).to.contain(part);
    expect(planned.stdout).to.contain('would be enabled and started: firedrill.service');
    expect(planned.stdout).to.match(/^\+ {2}agama:$/m);
    expect(await machine.output('cat /etc/passwd /etc/group; ls -R /etc/systemd /opt /srv /var/lib')).to.equal(before);
  });

  describe('once it was run', () => {
    let first: Play;

    before(async () => {
      first = await playAll({}, ['--diff', '-v']);
      expectDone(first);
    });

    it('has set up a machine whose daemon runs, with a configuration and units that are good', async () => {
      expect(first.recap.failed).to.equal(0);
      const checked = await machine.sh('firedrill-by-hand config check');
      expect(checked.status, checked.stderr).to.equal(0);
      expect(checked.stdout).to.contain('is good: 4 services (agama, telegraf, latency, grafana)');
      const units = ['firedrill.service', 'firedrill-once.service', 'firedrill-once.timer'];
      const judged = await machine.sh(`systemd-analyze verify ${units.join(' ')}`);
      expect(judged).to.deep.equal({ status: 0, stdout: '', stderr: '' });
      for (const unit of units)
        await machine.output(`cmp /etc/systemd/system/${unit} /root/firedrill/deploy/systemd/${unit}`);
      expect(await machine.output('systemctl is-enabled firedrill; systemctl is-active firedrill')).to.equal(
        'enabled\nactive\n',
      );
      expect((await machine.sh('systemctl is-active firedrill-once.timer')).stdout).to.equal('inactive\n');
      expect(await machine.output('systemctl show --property ReadWritePaths firedrill')).to.contain(textfiles);
      const log = await until('that it begins', async () => {
        const text = await machine.output('journalctl --unit firedrill --output cat');
        return text.includes('the daemon begins') ? text : undefined;
      });
      expect(log).to.contain('"config":"/etc/firedrill/firedrill.yaml"');
    });

    it('keeps secrets to those who need them, and out of what it prints', async () => {
      const modes = `stat -c '%a %U:%G %n' firedrill.yaml environment secrets secrets/* keys keys/*.key keys/backup_ssh`;
      expect((await machine.output(`cd /etc/firedrill && ${modes}`)).trim().split('\n')).to.deep.equal([
        '640 root:firedrill firedrill.yaml',
        '600 root:root environment',
        '750 root:firedrill secrets',
        '600 firedrill:firedrill secrets/agama.txt',
        '700 firedrill:firedrill keys',
        '600 firedrill:firedrill keys/ledger.key',
        '600 firedrill:firedrill keys/signing.key',
        '600 firedrill:firedrill keys/backup_ssh',
      ]);
      expect(await machine.output('cat /etc/firedrill/secrets/agama.txt')).to.equal(`${secret}\n`);
      const seen = await machine.output(`cat /proc/${(await daemonPid()).trim()}/environ`);
      expect(seen.split('\0')).to.include(`PING=${pingSecret}`);
      const printed = first.stdout + first.stderr;
      for (const each of [secret, pingSecret]) {
        // As it is, and as JSON would say it.
        expect(printed).to.not.contain(each.slice(-16));
        expect(await machine.output('cat /etc/firedrill/firedrill.yaml')).to.not.contain(each.slice(-16));
      }
    });

    it('reaches sources by its key, at hosts that it knows, for an account that may read Grafana', async () => {
      const options =
        '-i keys/backup_ssh -o UserKnownHostsFile=keys/known_hosts -o StrictHostKeyChecking=yes -o BatchMode=yes';
      const ssh = (...rest: string[]) =>
        machine.sh(`cd /etc/firedrill && runuser -u firedrill -- ssh ${options} -p ${sshPort} ${rest.join(' ')}`);
      const told = await ssh('firedrill-source@127.0.0.1', 'id', '-nG');
      expect(told.stdout, told.stderr).to.equal('firedrill-source grafana\n');
      expect((await ssh('-A', 'firedrill-source@127.0.0.1', `'echo "[$SSH_AUTH_SOCK]"'`)).stdout).to.equal('[]\n');
      expect((await ssh('-o HostKeyAlias=other', 'firedrill-source@127.0.0.1', 'id')).stderr).to.match(
        /Host key verification failed/,
      );
    });

    it('gives Prometheus the rules, and lets it read them', async () => {
      await machine.output(`cmp ${rulesFile} /root/firedrill/deploy/prometheus/firedrill.rules.yml`);
      await machine.output('test -e /run/prometheus-has-reloaded');
    });

    it('changes nothing when it is run again, and lets the daemon be', async () => {
      const pid = await daemonPid();
      const again = await playAll();
      expectDone(again);
      expect(again.recap, again.stdout).to.include({ changed: 0, failed: 0 });
      expect(await daemonPid()).to.equal(pid);
    });

    it('replaces no configuration by one that firedrill refuses', async () => {
      const pid = await daemonPid();
      const text = await machine.output('cat /etc/firedrill/firedrill.yaml');
      const refused = await playAll({ firedrill_config: { drill: { rto: 'soon' } } }, ['--tags', 'firedrill']);
      expect(refused.status).to.equal(2);
      expect(refused.stdout).to.match(/drill\.rto/);
      expect(await machine.output('cat /etc/firedrill/firedrill.yaml')).to.equal(text);
      expect((await machine.sh('ls /etc/firedrill/candidate.yaml')).stdout).to.equal('');
      expect(await daemonPid()).to.equal(pid);
    });

    it('restarts the daemon after a change; which backs up a real MySQL by the account that was made there', async () => {
      const pid = await daemonPid();
      await machine.output('mkdir /opt/firedrill/of-before');
      await server.sql(
        'CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY); INSERT INTO shop.orders VALUES (1)',
      );
      const settings = { databases: ['shop'], user: 'firedrill', password: { file: 'secrets/agama.txt' } };
      const agama = {
        engine: 'mysql',
        reach: { docker: server.container.name },
        rpo: '1d',
        retention: '7d',
        heartbeat: false,
      };
      const changed = await playAll(
        {
          firedrill_services: { agama: { ...agama, settings } },
          firedrill_config: {
            schedules: { ...never, full: '30 1 * * 0' },
            drill: { images: { mysql: images().mysql } },
          },
        },
        ['--tags', 'firedrill'],
      );
      expectDone(changed);
      expect(await daemonPid()).to.not.equal(pid);
      expect((await machine.output('ls /opt/firedrill')).trim().split('\n')).to.have.length(1);
      const { members } = await until(
        'a full backup',
        async () => {
          const listed = JSON.parse((await machine.sh('firedrill-by-hand --json list')).stdout || '{}');
          // One that is being written is listed as well, and is of no kind yet.
          return listed.members?.[0]?.kind ? listed : undefined;
        },
        120_000,
      );
      expect(members[0]).to.include({ service: 'agama', kind: 'full' });
      // Whatever else it finds in this machine, such as a clock that nobody sets.
      const asked = await playAll({}, ['--tags', 'doctor']);
      expect(asked.stdout).to.contain('agama: firedrill has all grants');
    });

    it('runs by the timer instead, when that is wanted', async () => {
      const changed = await playAll({ firedrill_run: 'timer' }, ['--tags', 'firedrill']);
      expectDone(changed);
      const states = await machine.sh('systemctl is-active firedrill.service firedrill-once.timer');
      expect(states.stdout).to.equal('inactive\nactive\n');
      expect((await machine.sh('systemctl is-enabled firedrill.service firedrill-once.timer')).stdout).to.equal(
        'disabled\nenabled\n',
      );
    });
  });
});
