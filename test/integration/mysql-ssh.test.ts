import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RestoreOptions, runRestore } from '../../src/cli/restore.ts';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { dockerHost } from '../../src/hosts/docker.ts';
import type { Host } from '../../src/hosts/host.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { collect } from '../../src/kit/streams.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { composedOf } from '../support/composed.ts';
import { trusted } from '../support/member.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';
import { scratchFolder } from '../support/scratch.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';

const schema = `
  CREATE DATABASE shop; USE shop;
  CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, value varchar(100) UNIQUE, photo longblob);
  INSERT INTO item (value, photo) VALUES ('one', RANDOM_BYTES(1000)), ('two', NULL);
`;

/**
 * A machine behind ssh on which MySQL and its tools are: a real OpenSSH server, whose logins get their shell in the
 * container, and whose streams reach the server's socket, which lies in the same folder on both sides.
 */
describe('MySQL behind ssh', function () {
  this.timeout(240_000);
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let server: MysqlServer;
  let sshd: Sshd;
  let host: Host;
  let remote: MysqlServer;

  before(async () => {
    scratch = await scratchFolder();
    server = await mysqlServer('mysql-ssh', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'], scratch.path);
    const engine = process.env.DOCKER_HOST === undefined ? '' : `DOCKER_HOST=${process.env.DOCKER_HOST} `;
    sshd = await startSshd(
      `ForceCommand exec env ${engine}docker exec -i ${server.container.id} /bin/sh -c "$SSH_ORIGINAL_COMMAND"`,
    );
    host = sshd.host({ label: 'ssh:agama-db' });
    const socketPath = join(scratch.path, 'mysqld.sock');
    const source: MysqlServer['source'] = (settings) => server.source({ socketPath, ...settings });
    remote = { ...server, source: (settings) => ({ ...source(settings), host }) };
    await server.sql(schema);
  });
  after(async () => {
    for (const each of [host, sshd, server, scratch]) await each?.[Symbol.asyncDispose]();
  });

  it('is backed up in increments, byte for byte as the server logged it, and drilled', async () => {
    await using vault = await mysqlVault(remote, ['shop']);
    const full = await vault.backup('full');
    expect(full.manifest.source).to.include({ host: 'ssh:agama-db' });
    await server.sql("USE shop; INSERT INTO item (value) VALUES ('three'); UPDATE item SET value = 'TWO' WHERE id = 2");
    const nightly = await vault.backup();
    await server.sql(`USE shop; INSERT INTO item (value, photo) VALUES ('large', REPEAT(RANDOM_BYTES(1000), 9000));
      FLUSH BINARY LOGS; DELETE FROM item WHERE id = 1; ALTER TABLE item ADD COLUMN state int DEFAULT 3`);
    const hourly = await vault.backup();
    expect([nightly, hourly].map(({ promoted }) => promoted)).to.deep.equal([null, null]);

    const [member] = (await vault.vault.list()).members.slice(-1);
    if (!member) throw new Error('no member');
    const opened = await VerifiedMember.open(vault.vault, member, trusted);
    const logs = opened.manifest.artifacts.map(({ name }) => name).filter((name) => name.startsWith('log-'));
    expect(logs).to.have.length.greaterThan(1);
    for (const name of logs) {
      const stored = await collect(opened.content(name), 2 ** 26, name);
      const file = name.replace(/^log-/, '');
      expect(createHash('sha256').update(stored).digest('hex')).to.equal(await digestThere(server, file));
    }

    const journal = await vault.drilled();
    expect(troublesOf(journal)).to.deep.equal([]);
    expect(journal.verdict.verdict).to.equal('pass');
    expect(journal.services[0]?.members).to.have.length(3);
    const left = await outputOf(host, { tool: 'sh', args: ['-c', 'ls -d /tmp/tmp.* 2>/dev/null || echo none'] });
    expect(left).to.equal('none\n');
  });

  it('gets a lost table back, through the same connection', async () => {
    await server.sql(`CREATE USER adm@'%' IDENTIFIED BY 'to-back-up'; GRANT ALL ON *.* TO adm@'%' WITH GRANT OPTION`);
    await using vault = await mysqlVault(remote, ['shop']);
    await vault.backup('full');
    const rows = await server.sql('SELECT id, value, SHA2(photo, 256) FROM shop.item ORDER BY id');
    await server.sql('DROP TABLE shop.item');
    const composed = {
      ...composedOf(vault.vault, mysqlEngine as AnyEngine, ['agama']),
      drillOrder: (name: string, _: readonly string[], moment = {}) => ({ ...vault.order, name, ...moment }),
      safetyFolder: join(scratch.path, 'safety'),
      targets: [
        {
          ...{ target: 'master', engine: 'mysql' },
          connect: async () => ({ ...remote.source({ user: 'adm' }), [Symbol.asyncDispose]: async () => {} }),
        },
      ],
    };
    const options: RestoreOptions = {
      ...{ service: 'agama', to: 'master', reason: 'deleted-data', tables: ['item'] },
      ...{ replace: false, dryRun: false, unproven: false },
    };
    const { signal } = new AbortController();
    const dialogue = { signal, quiet: true, showPlan: () => {}, typedName: async () => '' };
    const { journal, error } = await runRestore(composed, options, dialogue);
    expect(error).to.equal(null);
    expect(journal?.restore).to.include({ outcome: 'restored', target: 'master' });
    const beside = (await server.sql("SHOW DATABASES LIKE 'shop\\_restored%'")).trim();
    expect(await server.sql(`SELECT id, value, SHA2(photo, 256) FROM \`${beside}\`.item ORDER BY id`)).to.equal(rows);
    expect(await readdir(scratch.path)).to.not.include('safety');
  });
});

async function digestThere({ container }: MysqlServer, log: string): Promise<string> {
  await using inside = dockerHost({ container: container.id });
  return (await outputOf(inside, { tool: 'sha256sum', args: [`/data/db/${log}`] })).split(' ')[0] ?? '';
}
