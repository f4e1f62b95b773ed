import { expect } from 'chai';
import type { Journal } from '../../src/model/journal.ts';
import { type PastMember, verifiedMembers } from '../../src/model/past-members.ts';
import { mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';

const dayMs = 86_400_000;

const seed = `
CREATE DATABASE shop;
CREATE TABLE shop.notes (id int PRIMARY KEY, body longblob NOT NULL);
SET SESSION cte_max_recursion_depth = 100000;
INSERT INTO shop.notes WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
  SELECT i, REPEAT(CONCAT('call number ', i, ' back about the invoice; '), 30) FROM n;
`;

/** What a member would have been in each of the last eight nights. */
function nightsBefore(journal: Journal): PastMember[] {
  const [member] = verifiedMembers(journal);
  if (!member) throw new Error('the drill has verified nothing');
  const before = (instant: string, days: number) => new Date(Date.parse(instant) - days * dayMs).toISOString();
  return [1, 2, 3, 4, 5, 6, 7, 8].map((days) => ({
    ...member,
    manifestSha256: `${days}`,
    ...{ startedAt: before(member.startedAt, days), dataAt: before(member.dataAt, days) },
    finishedAt: before(member.finishedAt, days),
  }));
}

describe('what is unusual about backups of a real MySQL', function () {
  this.timeout(240_000);

  it('is data that is as if encrypted, and data that is gone, though each backup is exact in itself', async () => {
    await using server = await mysqlServer('mysql-anomaly');
    await server.sql(seed);
    await using vault = await mysqlVault(server, ['shop']);
    const unusualOf = async (past: readonly PastMember[]) => {
      await vault.backup('full');
      const journal = await vault.drilled({ past, walkBack: 0 });
      const result = journal.checks.find(({ check }) => check === 'anomaly');
      return { journal, result, said: result?.findings.map(({ sentence }) => sentence) };
    };

    const first = await unusualOf([]);
    expect(troublesOf(first.journal)).to.deep.equal([]);
    expect(first.result).to.equal(undefined);
    const measures = first.journal.services[0]?.members[0]?.measures;
    expect(measures?.holds).to.deep.equal({ count: 4_000, unit: 'rows' });
    expect(measures?.denseBytes).to.equal(0);
    const past = nightsBefore(first.journal);

    const usual = await unusualOf(past);
    expect(usual.said).to.deep.equal([]);
    expect(usual.result).to.include({ outcome: 'pass' });
    expect(usual.journal.verdict.verdict).to.equal('pass');

    await server.sql('UPDATE shop.notes SET body = RANDOM_BYTES(1024)');
    const encrypted = await unusualOf(past);
    expect(encrypted.said?.[0]).to.match(
      /^agama: hardly anything in full-\d+T\d+Z can be compressed any more, as if it were encrypted: .* KiB, and at least \d\.\d MiB in each of the 8 verified fulls before it$/,
    );
    expect(encrypted.said?.join('\n')).to.match(/full-\d+T\d+Z stored \d\.\d MiB, and 8 verified fulls/);
    expect(
      encrypted.journal.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check),
    ).to.deep.equal(['anomaly']);

    await server.sql('TRUNCATE TABLE shop.notes');
    const emptied = await unusualOf(past);
    expect(emptied.journal.exitStatus).to.equal(3);
    expect(emptied.said?.[0]).to.match(
      /holds nothing at all, and each of the 8 verified backups before it held at least 4,000 rows$/,
    );
    expect(emptied.journal.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).to.deep.equal([
      'anomaly',
    ]);
  });
});
