import { expect } from 'chai';
import { dataOf, type Facts } from '../../src/engines/mysql/documents.ts';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import type { CheckResult } from '../../src/model/check.ts';
import type { OpenMember } from '../../src/model/member.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { dumpToMember, type SealedMember } from '../support/member.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { rewriteArtifact } from '../support/mysql-spoil.ts';
import { withBay } from '../support/pod.ts';
import { rejectionOf } from '../support/rejection.ts';

interface Keyed {
  table: string;
  definition: string;
  /** The key's columns, and their values made of `i`. */
  columns: string;
  values: string;
  isCut: boolean;
  tail?: string;
}

const tables: readonly Keyed[] = [
  { table: 'automatic', definition: 'id int AUTO_INCREMENT PRIMARY KEY', columns: 'id', values: 'i * 3', isCut: true },
  {
    table: 'negative',
    definition: 'id bigint PRIMARY KEY',
    columns: 'id',
    // The ends of the type are far away from all others.
    values: 'CASE i WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9223372036854775807 ELSE i - 6000 END',
    isCut: true,
  },
  {
    table: 'highest',
    definition: 'id bigint unsigned PRIMARY KEY',
    columns: 'id',
    values: '18446744073709551615 - i',
    isCut: true,
  },
  {
    table: 'money',
    definition: 'id decimal(20,4) PRIMARY KEY',
    columns: 'id',
    values: '(CAST(i AS SIGNED) - 6000) / 3',
    isCut: true,
  },
  {
    table: 'tenants',
    definition: 'tenant int, at datetime(3), no smallint unsigned, PRIMARY KEY (tenant, at, no)',
    columns: 'tenant, at, no',
    values: "i % 2, DATE_ADD('2026-03-01', INTERVAL i DIV 10 SECOND), i",
    isCut: true,
  },
  {
    table: 'moments',
    definition: 'at timestamp(6) NOT NULL PRIMARY KEY',
    columns: 'at',
    values: "DATE_ADD('2026-10-25 00:30:00', INTERVAL i SECOND)",
    isCut: true,
  },
  {
    // Upper and lower case, with and without accents, are one to this key.
    table: 'names',
    definition: 'name varchar(60) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY',
    columns: 'name',
    values: "CONCAT(IF(i % 2, 'Ä', 'a'), IF(i % 3, 'b', 'B'), CHAR(97 + i % 26 USING utf8mb4), ' 😀''\\\\', i)",
    isCut: true,
  },
  {
    table: 'padded',
    definition: 'name char(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci PRIMARY KEY',
    columns: 'name',
    values: "CONCAT(IF(i % 2, 'é', 'E'), i)",
    isCut: true,
  },
  { table: 'uuids', definition: 'id binary(16) PRIMARY KEY', columns: 'id', values: 'UNHEX(MD5_OF)', isCut: true },
  { table: 'backwards', definition: 'id int, PRIMARY KEY (id DESC)', columns: 'id', values: 'i', isCut: true },
  {
    table: 'partitioned',
    definition: 'id int, day date, PRIMARY KEY (id, day)',
    columns: 'id, day',
    values: "i, DATE_ADD('2026-01-01', INTERVAL i % 300 DAY)",
    isCut: true,
    tail: "PARTITION BY RANGE COLUMNS (day) (PARTITION a VALUES LESS THAN ('2026-06-01'), PARTITION b VALUES LESS THAN (MAXVALUE))",
  },
  {
    // A day that is in no calendar is no end of a part.
    table: 'no_days',
    definition: 'day date, id int, PRIMARY KEY (day, id)',
    columns: 'day, id',
    values: "'0000-00-00', i",
    isCut: false,
  },
  { table: 'floats', definition: 'id float PRIMARY KEY', columns: 'id', values: 'i / 7', isCut: false },
  {
    table: 'prefixes',
    definition: 'name varchar(60), PRIMARY KEY (name(10))',
    columns: 'name',
    values: "LPAD(i, 10, '0')",
    isCut: false,
  },
  { table: 'keyless', definition: 'id int', columns: 'id', values: 'i', isCut: false },
  { table: 'small', definition: 'id int PRIMARY KEY', columns: 'id', values: 'i', isCut: false, tail: '' },
];

/** Some 4 MiB each: cut into a few parts of 1 MiB. */
function tableSql({ table, definition, columns, values, tail = '' }: Keyed): string {
  const some = table === 'small' ? 'WHERE i < 100' : '';
  return `CREATE TABLE ${table} (${definition}, text varchar(400) NOT NULL, KEY (text(20))) ${tail};
    INSERT INTO ${table} (${columns}, text) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
      SELECT ${values.replace('MD5_OF', 'LEFT(SHA2(i, 256), 32)')}, CONCAT(i, REPEAT(' filler', 30)) FROM n ${some};
    ANALYZE TABLE ${table};`;
}

const seed = `SET NAMES utf8mb4, SESSION cte_max_recursion_depth = 100000, sql_mode = '', time_zone = '+00:00';
  CREATE DATABASE shop; USE shop; ${tables.map(tableSql).join('\n')}`;

/** What somebody does meanwhile, again and again. */
const writing = `USE shop;
  UPDATE automatic SET text = CONCAT(text, '!') WHERE id % 7 = 0; DELETE FROM automatic WHERE id % 101 = 0;
  INSERT INTO automatic (text) VALUES ('late'), ('later');
  INSERT INTO tenants SELECT tenant, at, no + 20000, 'late' FROM tenants WHERE no < 50 ON DUPLICATE KEY UPDATE text = 'again';
  UPDATE names SET name = CONCAT('zz', name) WHERE name LIKE 'a%9' LIMIT 20;`;

const troubles = (results: readonly CheckResult[]) =>
  results.filter(({ outcome }) => outcome !== 'pass').map(({ check, findings }) => ({ check, findings }));

const factsOf = ({ manifest }: OpenMember) => manifest.facts as unknown as Facts;

describe('MySQL tables in parts', function () {
  this.timeout(300_000);
  let server: MysqlServer;
  let sealed: SealedMember;

  const source = () => server.source({ partMiB: 1 });

  before(async () => {
    server = await mysqlServer('mysql-parts');
    await server.sql(seed);
    sealed = await dumpToMember(mysqlEngine, source());
  });
  after(async () => {
    await sealed?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const partsOf = (member: OpenMember, table: string) => {
    const found = factsOf(member).tables.find(({ name }) => name === table);
    return found ? dataOf(found) : [];
  };

  it('are cut by any key whose values are sure to come back as they were, into parts of one size', () => {
    for (const { table, isCut } of tables) {
      const parts = partsOf(sealed.member, table);
      expect(parts.length > 1, `${table}: ${parts.length} parts`).to.equal(isCut);
      const sizes = new Set(parts.slice(0, -1).map(({ rows }) => rows));
      expect(sizes.size, table).to.be.at.most(1);
    }
  });

  it('are read in one snapshot; for how long its lock held up the writers stands in the manifest', () => {
    const { lockMs } = sealed.member.manifest.position as { lockMs: number };
    expect(lockMs).to.be.within(0, 30_000);
  });

  it('come back as they were at one instant, whatever was written while they were read', async () => {
    let written = 0;
    let dumped = false;
    const writer = async () => {
      for (; !dumped; written += 1) await server.sql(writing);
    };
    const dumping = dumpToMember(mysqlEngine, source()).finally(() => {
      dumped = true;
    });
    const [busy] = await Promise.all([dumping, writer()]);
    await using _ = busy;
    expect(written).to.be.at.least(2);
    const { member } = busy;
    expect(troubles(await mysqlEngine.verify(member, testActivity()))).to.deep.equal([]);
    await withBay({ service: 'agama', image: images().mysql }, async (bay) => {
      const activity = testActivity();
      const restored = await mysqlEngine.restore([member], bay, activity);
      const { results } = await mysqlEngine.check([member], restored, source().settings, activity);
      expect(troubles([...restored.results, ...results])).to.deep.equal([]);
    });
  });

  /** Of the same backup, spoiled and sealed again: what is said of it. */
  const refusalOf = async (spoil: (each: SealedMember) => Promise<OpenMember>) => {
    await using each = await dumpToMember(mysqlEngine, source());
    // Awaited here: the member must outlive it.
    return await rejectionOf(mysqlEngine.verify(await spoil(each), testActivity()));
  };

  const tableOf = (facts: unknown, table: string) => (facts as Facts).tables.find(({ name }) => name === table);

  it('are refused when a part is missing, comes twice, or stands in for another one', async () => {
    const first = (each: SealedMember, i: number) => partsOf(each.member, 'uuids')[i]?.artifact ?? '';
    const copied = async (each: SealedMember) => {
      let other = '';
      await rewriteArtifact(each, first(each, 1), (text) => {
        other = text;
        return text;
      });
      return rewriteArtifact(each, first(each, 0), () => other);
    };
    const cases: [(each: SealedMember) => Promise<OpenMember>, RegExp][] = [
      [
        (each) =>
          each.reseal((body) => {
            body.artifacts = body.artifacts.filter(({ name }) => name !== first(each, 1));
          }),
        /^agama: part 2 of \d of table shop\.uuids has no artifact$/,
      ],
      [
        (each) =>
          each.reseal((body) => {
            tableOf(body.facts, 'uuids')?.parts?.splice(1, 1);
            body.artifacts = body.artifacts.filter(({ name }) => name !== first(each, 1));
          }),
        /^agama: the parts of table shop\.uuids have \d+ rows together, the dump had 12000$/,
      ],
      [
        (each) =>
          each.reseal((body) => {
            const parts = tableOf(body.facts, 'uuids')?.parts;
            if (parts?.[0]) parts[1] = parts[0];
            body.artifacts = body.artifacts.filter(({ name }) => name !== first(each, 1));
          }),
        /^agama: two tables of the manifest, or two parts, share an artifact$/,
      ],
      [copied, /^agama: table shop\.uuids, part 1 of \d: its end mark is of another part or dump \([0-9a-f]{32}\)$/],
    ];
    for (const [spoil, sentence] of cases) {
      const failure = await refusalOf(spoil);
      expect(failure).to.include({ code: 'ARTIFACT_INCOMPLETE' });
      expect(failure.message).to.match(sentence);
    }
  });
});
