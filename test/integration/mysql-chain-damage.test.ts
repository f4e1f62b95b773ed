import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import type { BackedUp } from '../../src/flow/backup.ts';
import { verifyMember } from '../../src/flow/verify.ts';
import { formatDuration } from '../../src/kit/units.ts';
import type { CheckResult } from '../../src/model/check.ts';
import type { Journal } from '../../src/model/journal.ts';
import type { ManifestBody } from '../../src/model/manifest.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { testActivity } from '../support/activity.ts';
import { lastEventAt, withoutTransactions, withStatement } from '../support/binlog-bytes.ts';
import { trusted } from '../support/member.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault } from '../support/mysql-vault.ts';
import { scratchFolder } from '../support/scratch.ts';
import { contentAt, resealAt, rewriteAt } from '../support/vault-member.ts';

const schema = `
  CREATE DATABASE shop; USE shop;
  CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, value varchar(100));
  INSERT INTO item (value) VALUES ('one'), ('two'), ('three');
`;

interface Position {
  gtidExecuted: string;
  from: { binlogFile: string; binlogPosition: number; gtidExecuted: string };
  logs: {
    artifact: string;
    bytes: number;
    transactions: number;
    gtids: string;
    firstCommitAt: string | null;
    lastCommitAt: string | null;
  }[];
}
const positionOf = (body: ManifestBody) => body.position as unknown as Position;

const said = (checks: readonly CheckResult[]) =>
  checks
    .filter((each) => each.outcome === 'fail')
    .flatMap((each) => each.findings.map((finding) => `${each.check}: ${finding.sentence}`));

describe('damage to a chain of MySQL backups', function () {
  this.timeout(180_000);
  const held = new AsyncDisposableStack();
  let vault: Awaited<ReturnType<typeof mysqlVault>>;
  /** The full, two increments of two logs each or more, and one of one log. */
  let members: BackedUp[];

  before(async () => {
    const options = ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'];
    const server = held.use(await mysqlServer('mysql-damage', options));
    vault = held.use(await mysqlVault(server, ['shop']));
    members = await makeWeek(server, vault);
  });
  after(() => held.disposeAsync());

  async function makeWeek(server: MysqlServer, { backup }: typeof vault) {
    await server.sql(schema);
    const week = [await backup('full')];
    for (const day of [1, 2, 3]) {
      await server.sql(`USE shop; INSERT INTO item (value) VALUES ('a of ${day}'), ('b'); CREATE TABLE day_${day} (id int);
        ${day === 3 ? '' : 'FLUSH BINARY LOGS;'} UPDATE item SET value = CONCAT(value, '.') WHERE id = 1; DELETE FROM item WHERE id = 2;`);
      week.push(await backup());
    }
    expect(week.map((each) => each.promoted)).to.deep.equal([null, null, null, null]);
    return week;
  }

  const folderOf = (vaultFolder: string, member: BackedUp | undefined) =>
    join(vaultFolder, member?.set ?? '', member?.service ?? '', member?.id ?? '');
  const id = (index: number) => members[index]?.id ?? '';

  /** A copy of the vault to spoil. */
  async function copied() {
    const scratch = await scratchFolder();
    await cp(vault.folder, scratch.path, { recursive: true });
    const spoiled = directoryVault('onsite', scratch.path);
    return {
      folder: (index: number) => folderOf(scratch.path, members[index]),
      drilled: (walkBack = 6) => vault.drilled({ vault: spoiled, walkBack }),
      /** What `firedrill verify` says of a member. */
      verified: async (index: number) => {
        const listed = (await spoiled.list()).members.find((each) => each.id === id(index));
        if (!listed) throw new Error('the member is not listed');
        return said(await verifyMember(spoiled, listed, trusted, () => mysqlEngine, testActivity()));
      },
      [Symbol.asyncDispose]: scratch[Symbol.asyncDispose],
    };
  }

  /** Spoils one log of a member; its hashes and the seal are right again. */
  async function spoilLog(folder: string, index: number, change: (log: Buffer) => Buffer) {
    const { logs } = positionOf(members[index]?.manifest as ManifestBody);
    const name = logs[0]?.artifact ?? '';
    await rewriteAt(folder, name, change(await contentAt(folder, name)));
  }

  function expectLastGood(journal: Journal, good: number, bad: number) {
    const { lostMs = 0 } = journal.lastGood[0]?.good ?? {};
    const minute = members[good]?.manifest.dataAt.slice(0, 16).replace('T', ' ');
    expect(journal.verdict.sentence).to.satisfy((sentence: string) =>
      sentence.endsWith(
        `agama can be restored to ${minute} UTC (${id(good)}): ${formatDuration(lostMs)} of data would be lost; ${id(bad)} is bad.`,
      ),
    );
    expect(journal.exitStatus).to.equal(3);
  }

  it('is none before it is done', async () => {
    await using given = await copied();
    for (const index of [0, 1, 2, 3]) expect(await given.verified(index), id(index)).to.deep.equal([]);
  });

  it('names a member that is there twice', async () => {
    await using given = await copied();
    const twin = `${id(3).slice(0, -3)}59Z`;
    await cp(given.folder(3), join(given.folder(3), '..', twin), { recursive: true });
    await resealAt(join(given.folder(3), '..', twin), (body) => {
      body.id = twin;
    });
    const journal = await vault.drilled({
      vault: directoryVault('onsite', join(given.folder(3), '../../..')),
      asOf: new Date(Date.now() + 60_000),
    });
    expect(said(journal.checks)).to.deep.equal([`chain: agama: ${id(3)} and ${twin} both build on ${id(2)}`]);
    expect(journal.lastGood[0]).to.deep.include({ bad: twin });
    expect(journal.lastGood[0]?.good?.member).to.equal(id(3));
  });

  it('names a member that is empty though the source wrote', async () => {
    await using given = await copied();
    const { logs } = positionOf(members[3]?.manifest as ManifestBody);
    for (const log of logs) {
      const emptied = withoutTransactions(await contentAt(given.folder(3), log.artifact));
      await rewriteAt(given.folder(3), log.artifact, emptied);
    }
    expect((await given.verified(3)).join()).to.match(
      /completeness: agama: binary log \S+ holds 0 transactions, \d+ were captured/,
    );
    await resealAt(given.folder(3), (body) => {
      for (const log of positionOf(body).logs) {
        const bytes = body.artifacts.find(({ name }) => name === log.artifact)?.contentBytes ?? 0;
        Object.assign(log, { bytes, transactions: 0, gtids: '', firstCommitAt: null, lastCommitAt: null });
      }
    });
    const gap = await given.drilled();
    expect(said(gap.checks).join()).to.contain(`chain: agama: ${id(3)} does not go on where ${id(2)} ended: `);
    expectLastGood(gap, 2, 3);
    await resealAt(given.folder(3), (body) => {
      const position = positionOf(body);
      position.gtidExecuted = position.from.gtidExecuted;
    });
    const journal = await given.drilled();
    expect(said(journal.checks)).to.include('schema: agama: table shop.day_3 is missing after the restore');
    expect(said(journal.checks).join()).to.match(
      /rows: agama: table shop\.item has \d+ rows after the restore, it had/,
    );
    expectLastGood(journal, 2, 3);
  });

  it('names a log whose bytes are not what the server wrote, though its hash is right', async () => {
    const cases: [string, RegExp, (log: Buffer) => Buffer][] = [
      ['flipped', /^format: .* is damaged at byte \d+: an event does not match its checksum$/, flipped],
      [
        'cut between two events',
        /^completeness: .* has no end mark: it was cut$/,
        (log) => log.subarray(0, lastEventAt(log)),
      ],
      ['cut inside an event', /^format: .*: it breaks off in the middle of an event$/, (log) => log.subarray(0, -9)],
    ];
    for (const [what, sentence, change] of cases) {
      await using given = await copied();
      await spoilLog(given.folder(3), 3, change);
      const found = await given.verified(3);
      expect(found, what).to.have.length(1);
      expect(found[0], what).to.match(sentence);
      if (what !== 'flipped') continue;
      const journal = await given.drilled();
      expect(said(journal.checks)).to.deep.equal(found);
      expectLastGood(journal, 2, 3);
    }
  });

  it('names two logs that were swapped', async () => {
    await using given = await copied();
    const [first, second] = positionOf(members[2]?.manifest as ManifestBody).logs.map(({ artifact }) => artifact);
    const [one, two] = [await contentAt(given.folder(2), first ?? ''), await contentAt(given.folder(2), second ?? '')];
    await rewriteAt(given.folder(2), first ?? '', two);
    await rewriteAt(given.folder(2), second ?? '', one);
    const found = await given.verified(2);
    expect(found).to.have.length(2);
    expect(found[0]).to.match(
      /^completeness: agama: binary log \S+ is another one|^completeness: .* transactions, \d+ were captured$/,
    );
  });

  it('runs no statement that a server would not have written', async () => {
    const hostile = [
      'SHUTDOWN',
      'SET GLOBAL general_log = ON',
      "INSTALL PLUGIN x SONAME 'x.so'",
      "/* a */ CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
    ];
    for (const sql of hostile) {
      await using given = await copied();
      await spoilLog(given.folder(3), 3, (log) => withStatement(log, 'day_3', sql));
      const found = await given.verified(3);
      expect(found, sql).to.have.length(1);
      expect(found[0])
        .to.contain('hostile-input: agama: binary log ')
        .and.contain(`holds a statement that no server writes there: ${sql}`);
      if (sql !== 'SHUTDOWN') continue;
      const journal = await given.drilled(0);
      expect(said(journal.checks)).to.deep.equal(found);
      expect(journal.exitStatus).to.equal(3);
    }
  });
});

/** One bit near the end, which lies in the last event's body. */
function flipped(log: Buffer): Buffer {
  const copy = Buffer.from(log);
  const at = log.length - 6;
  copy.writeUInt8((copy[at] ?? 0) ^ 1, at);
  return copy;
}
