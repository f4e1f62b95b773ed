import type { AnyEngine } from '../../../src/engines/engine.ts';
import type { Bay } from '../../../src/hosts/bay.ts';
import { outputOf } from '../../../src/hosts/output.ts';
import type { MemberRef } from '../../../src/model/backup-set.ts';
import type { ArtifactEntry, ManifestBody } from '../../../src/model/manifest.ts';
import { podSocketFolder } from '../../../src/model/sandbox.ts';
import { Secret } from '../../../src/model/secret.ts';
import { lastEventAt } from '../../support/binlog-bytes.ts';
import { backupPassword } from '../../support/mysql-server.ts';
import { until } from '../../support/until.ts';
import { plainBay } from '../lies/engine.ts';
import {
  artifactOfTable,
  changeAccounts,
  changeRows,
  changeSchema,
  factsOf,
  fullAlone,
  ownDatabase,
  partsOfTable,
  recounted,
} from '../mysql-copy.ts';
import { refusalOf } from '../run-saboteur.ts';
import {
  changeServices,
  configure,
  type FindingOf,
  type Saboteur,
  type Scene,
  withAndWithoutKey,
} from '../saboteur.ts';
import { VaultCopy } from '../vault-copy.ts';

/** Of agama, whose manifest fits. */
function forged(
  about: Pick<Saboteur, 'id' | 'injects' | 'inject'> & Partial<Pick<Saboteur, 'level' | 'live'>>,
  expected: Pick<FindingOf, 'check' | 'sentence'> & Partial<Pick<FindingOf, 'verdict' | 'report'>>,
): Saboteur {
  return {
    ...{ level: 'F', resealed: true, services: ['agama'], ...about },
    expect: { verdict: 'fail', service: 'agama', ...expected },
  };
}

/** The dump core itself refuses; nothing may be in the vault afterwards. */
function refused(
  about: Pick<Saboteur, 'id' | 'injects' | 'inject'>,
  code: 'SOURCE_DENIED' | 'SOURCE_UNSUITABLE',
  sentence: RegExp,
): Saboteur {
  return {
    ...{ level: 'S', live: true, services: ['agama'], ...about },
    run: async (scene) => {
      const before = await scene.copy.chain('agama');
      const seen = await refusalOf(() => scene.backUp('full'));
      const after = await scene.copy.chain('agama');
      if (after.length !== before.length) throw new Error('a member was made all the same');
      return seen;
    },
    expect: { verdict: 'refused', code, service: 'agama', sentence },
  };
}

const dumpErrors: readonly Saboteur[] = [
  refused(
    {
      id: 'S11',
      injects: 'the password of the dump is wrong',
      inject: async (scene) => {
        scene.source = scene.stage.mysql.source({ databases: ['agama'], password: backupPassword('wrong') });
      },
    },
    'SOURCE_DENIED',
    /^agama: the server denied: Access denied for user 'backup'/,
  ),
  forged(
    {
      id: 'S11',
      level: 'S',
      injects: 'the dump of the rows had failed and nobody had looked: every table is an empty stream',
      inject: async (scene) => {
        const full = await fullAlone(scene);
        const data = (await scene.copy.manifest(full)).artifacts.filter(({ role }) => role === 'data');
        for (const entry of data) await scene.copy.putContent(full, entry, Buffer.alloc(0));
      },
    },
    { check: 'completeness', sentence: /^agama: table agama\.\w+: its end mark is missing/ },
  ),
  forged(
    {
      id: 'S13',
      injects: "a table's rows are cut in the middle of a value, after two thirds",
      inject: (scene) => cutTable(scene, (text) => Math.floor(text.length * 0.66)),
    },
    { check: 'completeness', sentence: /^agama: table agama\.todos: its end mark is missing/ },
  ),
  forged(
    {
      id: 'S13',
      injects: "a table's rows are cut between two rows",
      inject: (scene) => cutTable(scene, (text) => text.indexOf('\n', text.length * 0.66) + 1),
    },
    { check: 'completeness', sentence: /^agama: table agama\.todos: its end mark is missing/ },
  ),
  forged(
    {
      id: 'S13',
      injects: 'a binary log is cut between two of its events',
      inject: async ({ copy }) => {
        const newest = await copy.member('agama', -1);
        const log = await copy.entry(newest, ({ role }) => role === 'binlog');
        await copy.changeContent(newest, log, (content) => content.subarray(0, lastEventAt(content)));
      },
    },
    { check: 'completeness', sentence: /^agama: binary log \S+ of incr-\S+ has no end mark: it was cut$/ },
  ),
  forged(
    {
      id: 'S14',
      level: 'S',
      injects: 'the dump holds the schema only: no table has a row, and each says so',
      inject: async (scene) => {
        const full = await fullAlone(scene);
        const { tables } = factsOf(await scene.copy.manifest(full));
        for (const { name } of tables) await changeRows(scene.copy, full, name, () => []);
      },
    },
    {
      check: 'rows',
      sentence: /^agama: table agama\.todos has 0 rows after the restore, it had 3000 when it was dumped$/,
    },
  ),
];

async function cutTable(scene: Scene, at: (text: string) => number) {
  const full = await fullAlone(scene);
  await scene.copy.changeText(full, await artifactOfTable(scene.copy, full, 'todos'), (text) =>
    text.slice(0, at(text)),
  );
}

async function inRows(scene: Scene, table: string, change: (rows: string[]) => string[]) {
  await changeRows(scene.copy, await fullAlone(scene), table, change);
}

const isOther = (table: string) => new RegExp(`^agama: the content of table agama\\.${table} is not what was dumped$`);

const rowsAndValues: readonly Saboteur[] = [
  forged(
    {
      id: 'S16',
      injects: 'a run of 100 rows is missing from the middle of a table',
      inject: (scene) => inRows(scene, 'todos', (rows) => [...rows.slice(0, 1000), ...rows.slice(1100)]),
    },
    {
      check: 'rows',
      sentence: /^agama: table agama\.todos has 2900 rows after the restore, it had 3000 when it was dumped$/,
    },
  ),
  forged(
    {
      id: 'S16',
      injects: 'one of 3,000 rows is missing',
      inject: (scene) => inRows(scene, 'todos', (rows) => rows.slice(0, -1)),
    },
    {
      check: 'rows',
      sentence: /^agama: table agama\.todos has 2999 rows after the restore, it had 3000 when it was dumped$/,
    },
  ),
  forged(
    {
      id: 'S17',
      injects: 'one digit of one value is another one',
      inject: (scene) =>
        inRows(scene, 'todos', (rows) =>
          rows.map((row, i) => (i === 1500 ? row.replace('no. 1501', 'no. 1507') : row)),
        ),
    },
    { check: 'content', sentence: isOther('todos') },
  ),
  forged(
    {
      id: 'S17',
      injects: 'two rows have changed their titles: every count and every sum is as it was',
      inject: (scene) =>
        inRows(scene, 'todos', (rows) => {
          const cells = rows.map((row) => row.split('\t'));
          const [one, other] = [cells[10] ?? [], cells[20] ?? []];
          [one[2], other[2]] = [other[2] ?? '', one[2] ?? ''];
          return cells.map((row) => row.join('\t'));
        }),
    },
    { check: 'content', sentence: isOther('todos') },
  ),
  forged(
    {
      id: 'S25',
      injects: 'every TIMESTAMP is two hours late, as if it had been loaded in another time zone',
      inject: (scene) => inRows(scene, 'todos', (rows) => rows.map(twoHoursLater)),
    },
    { check: 'content', sentence: isOther('todos') },
  ),
];

function twoHoursLater(row: string): string {
  return row.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/, (text) => {
    const at = new Date(Date.parse(`${text.replace(' ', 'T')}Z`) + 7_200_000);
    return at.toISOString().replace('T', ' ').replace('Z', '');
  });
}

const large = `CREATE TABLE notes (id int PRIMARY KEY, text varchar(400) NOT NULL);
  SET SESSION cte_max_recursion_depth = 20000;
  INSERT INTO notes WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) SELECT i, REPEAT(CONCAT('note ', i, '. '), 20) FROM n;
  ANALYZE TABLE notes;`;

/** A table that is in parts, of which the first two are handed to `spoil`. */
function inParts(
  injects: string,
  spoil: (copy: VaultCopy, full: MemberRef, parts: readonly [ArtifactEntry, ArtifactEntry]) => Promise<void>,
  sentence: RegExp,
  id: Saboteur['id'] = 'S16',
): Saboteur {
  const inject = async (scene: Scene) => {
    const full = await ownDatabase(scene, 'large', large, { partMiB: 1 });
    const [one, two] = await partsOfTable(scene.copy, full, 'notes');
    if (!one || !two) throw new Error('the table is not in parts');
    await spoil(scene.copy, full, [one, two]);
  };
  return forged({ id, live: true, injects, inject }, { check: 'completeness', sentence });
}

const isOtherPart =
  /^agama: table large\.notes, part \d of \d: its end mark is of another part or dump \([0-9a-f]{32}\)$/;

const parts: readonly Saboteur[] = [
  inParts(
    "one of a large table's parts is missing",
    (copy, full, [, two]) => copy.removeArtifact(full, two.name),
    /^agama: part 2 of \d of table large\.notes has no artifact$/,
  ),
  inParts(
    "one of a large table's parts is missing, and nothing names it any more",
    async (copy, full, [, two]) => {
      await copy.removeArtifact(full, two.name);
      await copy.changeManifest(full, (body) => {
        for (const table of factsOf(body).tables)
          table.parts = table.parts?.filter((part) => part.artifact !== two.name);
      });
    },
    /^agama: the parts of table large\.notes have \d+ rows together, the dump had 12000$/,
  ),
  inParts(
    "one of a large table's parts is there twice, the second time in the place of another one",
    async (copy, full, [one, two]) => copy.putContent(full, two, await copy.content(full, one)),
    isOtherPart,
  ),
  inParts(
    "two of a large table's parts have changed places",
    async (copy, full, [one, two]) => {
      const [first, second] = [await copy.content(full, one), await copy.content(full, two)];
      await copy.putContent(full, one, second);
      await copy.putContent(full, two, first);
    },
    isOtherPart,
    'S17',
  ),
];

type Replica = { source: string; receives: string; applies: string; lagSeconds: number };

async function asReplica(scene: Scene, replica: Replica) {
  const full = await fullAlone(scene);
  await scene.copy.changeManifest(full, ({ source }) => {
    source.identity.replica = replica;
  });
}

const replicas: readonly Saboteur[] = [
  refused(
    {
      id: 'S19',
      injects: 'the source is a replica whose threads were stopped',
      inject: async ({ stage, defer }) => {
        defer(() => stage.mysql.sql('RESET REPLICA ALL'));
        const login = "SOURCE_HOST = '127.0.0.1', SOURCE_USER = 'x', SOURCE_PASSWORD = 'y'";
        await stage.mysql.sql(`CHANGE REPLICATION SOURCE TO ${login}`);
      },
    },
    'SOURCE_UNSUITABLE',
    /^agama: the source is a replica that stands still: its receiver says No, its applier No$/,
  ),
  forged(
    {
      id: 'S19',
      level: 'S',
      injects: 'the source was a replica whose receiver stood still, and said that it was 0 s behind',
      inject: (scene) => asReplica(scene, { source: 'db1', receives: 'No', applies: 'Yes', lagSeconds: 0 }),
    },
    {
      check: 'provenance',
      sentence:
        /^agama: the source was a replica that stood still when it was backed up: its receiver says No, its applier Yes$/,
    },
  ),
  forged(
    {
      id: 'S19',
      level: 'S',
      injects: 'the source was a replica three days behind',
      inject: (scene) => asReplica(scene, { source: 'db1', receives: 'Yes', applies: 'Yes', lagSeconds: 3 * 86_400 }),
    },
    {
      check: 'provenance',
      sentence: /^agama: the source was a replica that was 3 d behind when it was backed up, the objective is 1 h$/,
    },
  ),
];

type Programs = 'procedures' | 'triggers' | 'events';

function withoutPrograms(kind: Programs, one: string): Saboteur {
  return forged(
    {
      id: 'S21',
      level: 'S',
      injects: `the ${kind} were not dumped`,
      inject: async (scene) =>
        changeSchema(scene.copy, await fullAlone(scene), ({ databases }) => {
          for (const database of databases) database[kind] = [];
        }),
    },
    { check: 'schema', sentence: new RegExp(`^agama: ${one} is missing after the restore$`) },
  );
}

const isApp = ({ user }: { user: string }) => user === 'app';

const definitions: readonly Saboteur[] = [
  forged(
    {
      id: 'S20',
      injects: 'a view is defined by an account that does not exist',
      inject: async (scene) =>
        changeSchema(scene.copy, await fullAlone(scene), ({ views }) => {
          for (const view of views) view.create = view.create.replace(/DEFINER=\S+/, 'DEFINER=`ghost`@`10.9.9.9`');
        }),
    },
    {
      check: 'semantics',
      sentence:
        /^agama: view agama\.open_todos is defined by `ghost`@`10\.9\.9\.9`, and there is no such account after the restore$/,
    },
  ),
  withoutPrograms('procedures', 'procedure agama\\.close_all'),
  withoutPrograms('triggers', 'trigger agama\\.noted'),
  withoutPrograms('events', 'event agama\\.nightly'),
  forged(
    {
      id: 'S22',
      level: 'S',
      injects: "the application's account was not dumped",
      inject: async (scene) =>
        changeAccounts(scene.copy, await fullAlone(scene), (document) => {
          document.accounts = document.accounts.filter((each) => !isApp(each));
        }),
    },
    { check: 'accounts', sentence: /^agama: account `app`@`%` is missing after the restore$/ },
  ),
  forged(
    {
      id: 'S22',
      level: 'S',
      injects: "the application's account lacks a grant",
      inject: async (scene) =>
        changeAccounts(scene.copy, await fullAlone(scene), ({ accounts }) => {
          for (const each of accounts.filter(isApp))
            each.grants = each.grants.map((grant) => grant.replace(', DELETE', ''));
        }),
    },
    { check: 'accounts', sentence: /^agama: account `app`@`%` is not as it was when it was dumped$/ },
  ),
  forged(
    {
      id: 'S22',
      level: 'S',
      injects: "the application's account was neither dumped nor counted, and the application must log in",
      inject: async (scene) => {
        const full = await fullAlone(scene);
        await changeAccounts(scene.copy, full, (document) => {
          document.accounts = document.accounts.filter((each) => !isApp(each));
        });
        await scene.copy.changeManifest(full, (body) => {
          const facts = factsOf(body);
          facts.accounts = facts.accounts.filter(({ name }) => !name.startsWith('`app`'));
        });
        const password = new Secret({ env: 'APP' }, 'of-the-app');
        configure(scene, { appAccounts: [{ user: 'app', host: '%', password }] });
      },
    },
    { check: 'semantics', sentence: /^agama: the application's account `app`@`%` is not there after the restore$/ },
  ),
];

/** The rows of one table are those of a later moment, and the facts of that table too: each by itself is right. */
async function tornSnapshot(scene: Scene) {
  const full = await fullAlone(scene);
  await using later = await VaultCopy.of(scene.stage.folder);
  for (const each of (await later.chain('agama')).toReversed()) await later.remove(each);
  await scene.backUp('full', { vault: later.vault });
  const other = await later.member('agama', 0);
  const source = await artifactOfTable(later, other, 'todos');
  const { dumpId, tables } = factsOf(await later.manifest(other));
  const text = (await later.content(other, source)).toString();
  const own = factsOf(await scene.copy.manifest(full)).dumpId;
  const entry = await artifactOfTable(scene.copy, full, 'todos');
  await scene.copy.putContent(full, entry, Buffer.from(recounted(text, (rows) => rows).replace(dumpId, own)));
  await scene.copy.changeManifest(full, (body) => {
    const [there, here] = [tables, factsOf(body).tables].map((all) => all.find(({ name }) => name === 'todos'));
    Object.assign(here ?? {}, { rows: there?.rows, checksum: there?.checksum, digest: there?.digest });
  });
}

/** Above the 64 MiB that a server takes by default. */
export const bulky = `CREATE TABLE files (id int PRIMARY KEY, content longblob, at timestamp DEFAULT CURRENT_TIMESTAMP);
  INSERT INTO files (id, content) VALUES (1, 'small'), (2, REPEAT('70 MiB. ', 9175040));`;

const worlds: readonly Saboteur[] = [
  forged(
    {
      id: 'S23',
      level: 'S',
      live: true,
      injects: 'one table was read later than the others, while somebody wrote',
      inject: tornSnapshot,
    },
    {
      check: 'semantics',
      sentence:
        /^agama: \d+ rows of table agama\.todos point to no row of agama\.customers \(foreign key `of_customer`\)$/,
    },
  ),
  forged(
    {
      id: 'S26',
      injects: 'a line of a foreign client stands before the schema: /*!999999\\- enable the sandbox mode */',
      inject: async (scene) => {
        const full = await fullAlone(scene);
        const schema = await scene.copy.entry(full, ({ name }) => name === 'schema.json');
        await scene.copy.changeText(full, schema, (text) => `/*!999999\\- enable the sandbox mode */\n${text}`);
      },
    },
    { check: 'format', sentence: /^agama: artifact schema\.json of agama is no JSON$/ },
  ),
  forged(
    {
      id: 'S26',
      injects: 'a table has a collation that this server does not know',
      inject: async (scene) =>
        changeSchema(scene.copy, await fullAlone(scene), ({ databases: [database] }) => {
          for (const table of database?.tables ?? []) {
            if (table.name === 'customers')
              table.create = table.create.replace('utf8mb4_0900_ai_ci', 'utf8mb4_uca1400_ai_ci');
          }
        }),
    },
    {
      check: 'restore-run',
      sentence: /^agama: table agama\.customers could not be made again: .*Unknown collation: 'utf8mb4_uca1400_ai_ci'/,
    },
  ),
  forged(
    {
      id: 'S26',
      injects: 'the backup is of a newer server than the one that restores it',
      inject: async (scene) =>
        scene.copy.changeManifest(await fullAlone(scene), ({ source }: ManifestBody) => {
          source.engineVersion = '99.1.0';
        }),
    },
    {
      verdict: 'inconclusive',
      check: 'versions',
      sentence:
        /^agama: the backup was made by version 99\.1\.0 and restored by version \d+\.\d+\.\d+: the drill proves nothing$/,
    },
  ),
  forged(
    {
      id: 'S27',
      level: 'S',
      live: true,
      injects: 'a value of 70 MiB is cut at the 64 MiB of max_allowed_packet',
      inject: async (scene) => {
        const full = await ownDatabase(scene, 'bulky', bulky);
        await changeRows(scene.copy, full, 'files', (rows) =>
          rows.map((row) => {
            const [id = '', content = '', at = ''] = row.split('\t');
            return [id, content.slice(0, 2 * 64 * 1024 * 1024), at].join('\t');
          }),
        );
      },
    },
    { check: 'content', sentence: /^agama: the content of table bulky\.files is not what was dumped$/ },
  ),
  {
    id: 'S28',
    level: 'E',
    services: ['agama'],
    injects: 'the server to restore into holds an old copy already',
    inject: async (scene) => {
      await fullAlone(scene);
      changeServices(scene, (each) => ({ ...each, engine: ontoOldCopy(each.engine) }));
    },
    expect: {
      verdict: 'inconclusive',
      check: 'restore-run',
      service: 'agama',
      sentence: /^agama: the server to restore into is not empty: it has agama$/,
    },
  },
];

/** An engine whose servers hold a database before anything is restored. */
function ontoOldCopy(engine: AnyEngine): AnyEngine {
  const occupied = (bay: Bay): Bay => ({
    ...plainBay(bay),
    start: async (recipe) => {
      const server = await bay.start(recipe);
      const sql = 'CREATE DATABASE agama; CREATE TABLE agama.todos (id int PRIMARY KEY)';
      const args = ['--no-defaults', `--socket=${podSocketFolder}/mysqld.sock`, '--user=root', '--execute', sql];
      await until(
        'the old copy is there',
        () => outputOf(server.host, { tool: 'mysql', args }).catch(() => undefined),
        60_000,
      );
      return server;
    },
  });
  return {
    ...engine,
    restore: (chain, bay, activity, target) => engine.restore(chain, occupied(bay), activity, target),
  };
}

/** Section B of the catalogue. The format is our own and no SQL: what cannot be done to it literally is done as its like. */
export const mysqlContent: readonly Saboteur[] = withAndWithoutKey([
  ...dumpErrors,
  ...rowsAndValues,
  ...parts,
  ...replicas,
  ...definitions,
  ...worlds,
]);
