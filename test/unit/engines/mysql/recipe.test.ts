import { expect } from 'chai';
import { mysqlEngine } from '../../../../src/engines/mysql/mysql.ts';
import { initialiseArguments, serverRecipe } from '../../../../src/engines/mysql/recipe.ts';
import { mysqlSettings } from '../../../../src/engines/mysql/settings.ts';
import { engineVersionOf, isAtLeast } from '../../../../src/engines/mysql/version.ts';

const gib = 1024 ** 3;
const limits = { memoryBytes: 2 * gib, pids: 512, diskBytes: 10 * gib, cpus: 2, restoreMs: 600_000 };
const birth = { lowerCaseTableNames: 1, pageSizeBytes: 65_536 };

describe('the recipe of a MySQL server', () => {
  it('listens on its socket only, runs no event, and neither reads nor writes a file that a statement names', () => {
    const { command, entrypoint, capabilities, socket } = serverRecipe(limits, birth);
    expect(entrypoint).to.deep.equal(['mysqld']);
    expect(command[0]).to.equal('--no-defaults');
    expect(capabilities).to.deep.equal([]);
    expect(command).to.include.members([
      '--skip-networking',
      '--mysqlx=OFF',
      '--event-scheduler=DISABLED',
      '--local-infile=OFF',
      '--skip-replica-start',
      `--socket=/run/pod/${socket}`,
    ]);
    expect(command.filter((each) => each.startsWith('--secure-file-priv='))).to.deep.equal(['--secure-file-priv=NULL']);
  });

  it('stays within the limits', () => {
    const size = (option: string, memoryBytes: number, diskBytes = limits.diskBytes) => {
      const { command } = serverRecipe({ ...limits, memoryBytes, diskBytes }, birth);
      return Number(command.find((each) => each.startsWith(`--${option}=`))?.split('=')[1]);
    };
    expect(size('innodb-buffer-pool-size', 2 * gib)).to.equal(gib);
    expect(size('innodb-buffer-pool-size', 0.25 * gib)).to.equal(0.125 * gib);
    expect(size('innodb-redo-log-capacity', gib)).to.equal(gib);
    expect(size('innodb-redo-log-capacity', gib, gib)).to.equal(gib / 8);
    for (const memoryBytes of [0.5 * gib, gib, 16 * gib]) {
      const used = size('innodb-buffer-pool-size', memoryBytes) + size('innodb-ddl-buffer-size', memoryBytes);
      expect(used).to.be.below(memoryBytes * 0.8);
    }
  });

  it('is made as the source was', () => {
    for (const args of [initialiseArguments(birth), serverRecipe(limits, birth).command]) {
      expect(args).to.include.members(['--lower-case-table-names=1', '--innodb-page-size=65536']);
    }
  });
});

describe('the recipe of an empty MySQL server', () => {
  it('waits for no disk, and reads no file', () => {
    const args = initialiseArguments(birth);
    expect(args[0]).to.equal('--no-defaults');
    expect(args).to.include.members(['--innodb-flush-method=nosync', '--secure-file-priv=NULL']);
  });
});

describe('MySQL versions', () => {
  it('are told from what the server says', () => {
    expect(engineVersionOf('8.4.3-0ubuntu1', 'agama')).to.equal('8.4.3');
    expect(mysqlEngine.officialImage('8.4.3')).to.equal('mysql:8.4');
    for (const said of ['5.7.44-log', '11.4.2-MariaDB', 'nonsense']) {
      expect(() => engineVersionOf(said, 'agama'), said).to.throw(/not MySQL 8\.0 or later/);
    }
  });

  it('are the same when their release is', () => {
    expect(mysqlEngine.sameVersion('8.4.3', '8.4.9')).to.equal(true);
    expect(mysqlEngine.sameVersion('8.4.3', '8.0.3')).to.equal(false);
    expect(mysqlEngine.sameVersion('9.7.4', '8.7.4')).to.equal(false);
    expect([isAtLeast('8.2.0', 8, 2), isAtLeast('8.0.40', 8, 2), isAtLeast('9.0.1', 8, 2)]).to.deep.equal([
      true,
      false,
      true,
    ]);
  });
});

describe('MySQL settings', () => {
  const good = { databases: ['shop'], user: 'backup' };

  it('have defaults', () => {
    expect(mysqlSettings.parse(good)).to.deep.include({ connections: 2, digestTables: [] });
  });

  it('refuse what cannot be', () => {
    const bad = [
      { ...good, databases: [] },
      { ...good, databases: ['mysql'] },
      { ...good, databases: ['a', 'a'] },
      { ...good, port: 0 },
      { ...good, port: 3306, socketPath: '/run/mysqld.sock' },
      { ...good, connections: 0 },
      { ...good, newest: ['orders'] },
      { ...good, password: 'plain' },
      { ...good, pasword: { env: 'X' } },
    ];
    for (const each of bad) expect(mysqlSettings.safeParse(each).success, JSON.stringify(each)).to.equal(false);
  });

  it('say what the identity must be, whatever the order', () => {
    const settings = mysqlSettings.parse({ ...good, databases: ['z', 'a'] });
    expect(mysqlEngine.expectedIdentity(settings)).to.deep.equal({ databases: ['a', 'z'] });
  });
});
