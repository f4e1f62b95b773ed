import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { planAccounts } from '../../../src/engines/mysql/accounts.ts';
import { destructiveStatements } from '../../../src/engines/mysql/binlog/destructive.ts';
import { isGenuineStatement } from '../../../src/engines/mysql/binlog/genuine-statement.ts';
import { GtidSet } from '../../../src/engines/mysql/binlog/gtid-set.ts';
import { scanForStop } from '../../../src/engines/mysql/binlog/stop-point.ts';
import { normaliseCreateTable, splitCreateTable } from '../../../src/engines/mysql/create-table.ts';
import { logDiscontinuity } from '../../../src/engines/mysql/log-position.ts';
import { mysqlEngine } from '../../../src/engines/mysql/mysql.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { testActivity } from '../../support/activity.ts';
import { joinLog, splitLog } from '../../support/binlog-bytes.ts';
import { forgedMember, onlyCodedErrors, shortText, spoiled, spoiledJson } from '../../support/fuzz.ts';
import { inChunks } from '../../support/grafana-pages.ts';

const folder = join(import.meta.dirname, '../../../fixtures/mysql/binlog');
const logs = ['binlog.000001', 'binlog.000002', 'binlog.000003'].map((name) => readFileSync(join(folder, name)));

const create = `CREATE TABLE \`items\` (\n  \`id\` int NOT NULL AUTO_INCREMENT,\n  \`label\` varchar(50) DEFAULT 'it''s, \\\\(',
  PRIMARY KEY (\`id\`),\n  KEY \`by_label\` (\`label\`)\n) ENGINE=InnoDB COMMENT='x'`;
const context = { sqlMode: '', charset: 'utf8mb4', collation: 'utf8mb4_bin', databaseCollation: 'utf8mb4_bin' };
const program = (kind: string) => ({ name: 'p', create: `CREATE DEFINER=\`a\`@\`%\` ${kind} \`p\` ()`, context });
const schema = {
  format: 'firedrill-mysql-schema',
  version: 1,
  birth: { lowerCaseTableNames: 0, pageSizeBytes: 16_384 },
  databases: [
    {
      ...{ name: 'shop', charset: 'utf8mb4', collation: 'utf8mb4_bin' },
      tables: [{ name: 'items', create, columns: [{ name: 'id', form: 'plain' }] }],
      functions: [program('FUNCTION')],
      procedures: [program('PROCEDURE')],
      triggers: [program('TRIGGER')],
      events: [{ ...program('EVENT'), timeZone: '+00:00' }],
    },
  ],
  views: [{ database: 'shop', name: 'v', create: 'CREATE VIEW `v` AS select 1', charset: 'utf8mb4', collation: 'x' }],
};
const account = {
  ...{ user: 'app', host: '%', defaultRoles: [], grants: ['GRANT USAGE ON *.* TO `app`@`%`'] },
  create: "CREATE USER `app`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 0x2441 REQUIRE NONE",
};
const accounts = { format: 'firedrill-mysql-accounts', version: 1, partialRevokes: false, accounts: [account] };
const dumpId = '0'.repeat(32);
const table = { database: 'shop', name: 'items', artifact: 't.tsv', rows: 1, checksum: '1', digest: null };
const facts = { version: 1, dumpId, tables: [table], objects: [], accounts: [], brokenViews: [], newest: null };
const rows = Buffer.from(`1\tone\n\\end ${dumpId} 1 0\n`);

const uuid = '8c318035-e818-11f1-b448-78def221cea8';
const place = { binlogFile: 'binlog.000002', binlogPosition: 157, gtidExecuted: `${uuid}:1-4` };
const log = {
  ...{ artifact: 'log-binlog.000002', file: 'binlog.000002', bytes: 6726, transactions: 4 },
  ...{ previous: `${uuid}:1-4`, gtids: `${uuid}:5-8`, firstCommitAt: null, lastCommitAt: null },
};
const position = { ...place, lockMs: 0, clockAheadMs: 0, from: place, logs: [log], openXa: [] };

const json = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');
const member = (changed: { facts?: unknown; schema?: Buffer; accounts?: Buffer; rows?: Buffer }) =>
  forgedMember(
    { facts: (changed.facts ?? facts) as Manifest['facts'] },
    {
      'schema.json': { role: 'schema', content: changed.schema ?? json(schema) },
      'accounts.json': { role: 'accounts', content: changed.accounts ?? json(accounts) },
      't.tsv': { role: 'data', content: changed.rows ?? rows },
    },
  );
const verify = (changed: Parameters<typeof member>[0]) => mysqlEngine.verify(member(changed), testActivity());

describe('a forged MySQL backup: any', function () {
  this.timeout(600_000);

  it('is good before it is changed', async () => {
    const results = await verify({});
    if (results.some(({ outcome }) => outcome !== 'pass')) throw new Error(JSON.stringify(results));
  });

  it('facts, schema and accounts', async () => {
    await onlyCodedErrors(spoiledJson(facts), (each) => verify({ facts: each }), 400);
    await onlyCodedErrors(spoiledJson(schema), (each) => verify({ schema: json(each) }), 400);
    await onlyCodedErrors(spoiledJson(accounts), (each) => verify({ accounts: json(each) }), 400);
    await onlyCodedErrors(spoiled(json(schema)), (each) => verify({ schema: each }), 200);
  });

  it('rows', () => onlyCodedErrors(spoiled(rows), (each) => verify({ rows: each }), 300));

  it('definitions', async () => {
    const text = fc.oneof(spoiled(Buffer.from(create)).map(String), shortText);
    await onlyCodedErrors(text, (each) => splitCreateTable(each, 'items'), 500);
    await onlyCodedErrors(text, (each) => normaliseCreateTable(each), 500);
    const judge = (each: string) =>
      planAccounts({ ...accounts, accounts: [{ ...account, create: each, grants: [each] }] } as never);
    await onlyCodedErrors(fc.oneof(spoiled(Buffer.from(account.create)).map(String), shortText), judge, 500);
  });

  it('definition that would keep a careless reader busy for hours', async () => {
    const pieces = fc.constantFrom(
      "'",
      '"',
      '`',
      "\\'",
      '``',
      "''",
      '/*',
      '*/',
      '/*!',
      '(',
      ')',
      ' ON `',
      '-- ',
      '\n',
      'a',
    );
    const long = fc.array(pieces, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('').repeat(100_000));
    const read = (text: string) => {
      isGenuineStatement(text);
      return verify({
        schema: json({ ...schema, views: [{ ...schema.views[0], create: `CREATE VIEW ${text}` }] }),
        accounts: json({ ...accounts, accounts: [{ ...account, create: `CREATE USER ${text}` }] }),
      });
    };
    await onlyCodedErrors(long, read, 20);
    await onlyCodedErrors(long, (text) => splitCreateTable(`CREATE TABLE \`items\` (${text}`, 'items'), 20);
    await onlyCodedErrors(
      long,
      (text) => splitCreateTable(`CREATE TABLE \`items\` (\n  \`a\` int AUTO_INCREMENT${text}\n)`, 'items'),
      20,
    );
  });

  const scan = async (bytes: Buffer) => {
    for await (const _ of destructiveStatements(inChunks(bytes, 500), 'a log', 0)) {
      // What cannot be read is said, not passed over.
    }
    await scanForStop(inChunks(bytes, 500), 'a log', undefined);
  };

  it('binary log', () => onlyCodedErrors(spoiled(...logs), scan, 300));

  it('binary log, with lengths, positions and checksums made right', async () => {
    const forged = fc
      .tuple(fc.constantFrom(...logs), fc.nat(), fc.nat(), fc.infiniteStream(fc.nat()))
      .chain(([sample, which]) => {
        const events = splitLog(sample);
        const event = events[which % events.length] as (typeof events)[number];
        return spoiled(event.bytes).map((bytes) => {
          // A header stays: what is shorter than one is no event.
          const whole = bytes.length < 19 ? Buffer.concat([bytes, Buffer.alloc(19 - bytes.length)]) : bytes;
          return joinLog(events.map((each) => (each === event ? { type: event.type, bytes: whole } : each)));
        });
      });
    await onlyCodedErrors(forged, scan, 600);
  });

  it('compressed transaction', async () => {
    const [first = Buffer.alloc(0)] = logs;
    const payload = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((body) => {
      const head = Buffer.from(splitLog(first)[0]?.bytes.subarray(0, 19) ?? []);
      head[4] = 40;
      return joinLog([...splitLog(first).slice(0, 2), { type: 40, bytes: Buffer.concat([head, body]) }]);
    });
    await onlyCodedErrors(payload, scan, 300);
  });

  it('position, and what follows what', async () => {
    const before = { kind: 'full', id: 'full', position: place } as unknown as Manifest;
    const next = (each: unknown) => ({ kind: 'incremental', id: 'next', position: each }) as unknown as Manifest;
    await onlyCodedErrors(spoiledJson(position), (each) => logDiscontinuity(before, next(each)), 600);
    await onlyCodedErrors(spoiledJson(position), (each) => logDiscontinuity(next(each), next(position)), 300);
  });

  it('set of transactions, a million intervals included', async () => {
    await onlyCodedErrors(
      spoiled(Buffer.from(`${uuid}:1-5:7:9-11,${uuid}:tag:1`)).map(String),
      (each) => GtidSet.parse(each),
      500,
    );
    const sparse = GtidSet.parse(`${uuid}:${Array.from({ length: 300_000 }, (_, i) => 2 * i + 1).join(':')}`);
    const others = GtidSet.parse(`${uuid}:${Array.from({ length: 300_000 }, (_, i) => 2 * i + 2).join(':')}`);
    if (!sparse.subtract(others).equals(sparse) || sparse.union(others).size !== 600_000) throw new Error('wrong sets');
  });
});
