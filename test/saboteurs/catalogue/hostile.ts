import { access, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { SchemaDocument } from '../../../src/engines/mysql/documents.ts';
import { collect } from '../../../src/kit/streams.ts';
import type { ArtifactEntry } from '../../../src/model/manifest.ts';
import { withStatement } from '../../support/binlog-bytes.ts';
import { changeDatabase } from '../../support/grafana-source.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { tarEntries } from '../../support/tar-entries.ts';
import { harmsOf } from '../harmless.ts';
import { changeAccounts, changeRows, changeSchema, fullAlone } from '../mysql-copy.ts';
import { seenIn } from '../run-saboteur.ts';
import { type FindingOf, type Saboteur, type Scene, withAndWithoutKey } from '../saboteur.ts';
import type { ServiceName } from '../stage.ts';

/** What must never come to be on this machine. */
const trace = join(tmpdir(), 'firedrill-was-here');
const touch = `touch ${trace}`;

/** Who has the signing key as well: hashes and seals fit. After the drill nothing may have run on this machine. */
function hostile(
  about: Pick<Saboteur, 'id' | 'injects' | 'inject'> & { service: ServiceName; resealed?: false },
  expected: Pick<FindingOf, 'check' | 'sentence'>,
): Saboteur {
  const { service, resealed, ...rest } = about;
  return {
    ...{ level: 'F', services: [service], ...rest, ...(resealed === false ? {} : { resealed: true }) },
    run: async (scene) => {
      const journal = await scene.drill();
      await assertNothingRan();
      const harms = await harmsOf(journal);
      if (harms.length > 0) throw new Error(`it harms who reads of it: ${harms.join('; ')}`);
      return seenIn(journal);
    },
    expect: { verdict: 'fail', service, ...expected },
  };
}

async function assertNothingRan() {
  const isThere = await access(trace).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  await rm(trace);
  throw new Error(`it has run a command on this machine: ${trace} was made`);
}

type Strike = (schema: SchemaDocument) => void;
const inSchema = (change: Strike) => async (scene: Scene) => changeSchema(scene.copy, await fullAlone(scene), change);
const inView =
  (create: string): Strike =>
  ({ views: [view] }) =>
    Object.assign(view ?? {}, { create });

const noView = /^agama: the schema holds no definition of view agama\.open_todos but: /;

const clientEscapes: readonly Saboteur[] = [
  hostile(
    {
      id: 'S64',
      service: 'agama',
      injects: 'a definition is a client command that runs a shell: \\! touch',
      inject: inSchema(inView(`\\! ${touch}`)),
    },
    { check: 'format', sentence: noView },
  ),
  hostile(
    {
      id: 'S64',
      service: 'agama',
      injects: 'a line before a definition is a client command that runs a shell: system touch',
      inject: inSchema(({ views: [view] }) =>
        Object.assign(view ?? {}, { create: `system ${touch}\n${view?.create}` }),
      ),
    },
    { check: 'format', sentence: noView },
  ),
  hostile(
    {
      id: 'S64',
      service: 'agama',
      injects: 'a row is a client command that runs a shell',
      inject: async (scene) =>
        changeRows(scene.copy, await fullAlone(scene), 'todos', (rows) => [
          `\\! ${touch}`,
          `system ${touch}`,
          ...rows.slice(2),
        ]),
    },
    { check: 'restore-run', sentence: /^agama: table agama\.todos could not be loaded: / },
  ),
];

const statements: [string, string][] = [
  ["SELECT 1 INTO OUTFILE '/tmp/x'", 'writes a file'],
  ["LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE agama.settings", 'reads a file of the client'],
  ['SET GLOBAL local_infile = ON', 'changes the server'],
];

const plantedStatements: readonly Saboteur[] = [
  ...statements.map(([sql, does]) =>
    hostile(
      {
        id: 'S64',
        service: 'agama',
        injects: `in the place of a view stands a statement that ${does}: ${sql}`,
        inject: inSchema(inView(sql)),
      },
      { check: 'format', sentence: noView },
    ),
  ),
  hostile(
    {
      id: 'S64',
      service: 'agama',
      injects: 'a grant gives away the whole server, and one more account',
      inject: async (scene) =>
        changeAccounts(scene.copy, await fullAlone(scene), ({ accounts }) => {
          const [app] = accounts.filter(({ user }) => user === 'app');
          if (app) app.grants = ["CREATE USER evil IDENTIFIED BY 'x'"];
        }),
    },
    {
      check: 'format',
      sentence: /^agama: the accounts hold something else than a definition of `app`@`%`: CREATE USER evil /,
    },
  ),
  hostile(
    {
      id: 'S64',
      service: 'agama',
      injects: 'a binary log holds a statement that no server writes there: SHUTDOWN',
      inject: async ({ copy }) => {
        const newest = await copy.member('agama', -1);
        const log = await copy.entry(newest, ({ role }) => role === 'binlog');
        await copy.changeContent(newest, log, (content) => withStatement(content, 'night_3', 'SHUTDOWN'));
      },
    },
    {
      check: 'hostile-input',
      sentence: /^agama: binary log \S+ .*holds a statement that no server writes there: SHUTDOWN$/,
    },
  ),
  hostile(
    {
      id: 'S64',
      service: 'grafana',
      injects: 'the SQLite file has a trigger that deletes all dashboards',
      inject: (scene) => inGrafana(scene, 'CREATE TRIGGER evil AFTER UPDATE ON user BEGIN DELETE FROM dashboard; END'),
    },
    { check: 'hostile-input', sentence: /^grafana: .*trigger evil/ },
  ),
  hostile(
    {
      id: 'S64',
      service: 'telegraf',
      injects: 'in the place of a continuous query stands: DROP DATABASE telegraf',
      inject: async ({ copy }) =>
        copy.changeManifest(await copy.member('telegraf', -1), ({ facts }) => {
          Object.assign(facts as object, { continuousQueries: [{ name: 'x', query: 'DROP DATABASE telegraf' }] });
        }),
    },
    {
      check: 'manifest',
      sentence: /^telegraf: the facts in the manifest of incr-\S+ are not as expected: .*no continuous query/,
    },
  ),
];

/** Changes the database of Grafana's full, which is drilled alone. */
async function inGrafana({ copy }: Scene, ...sql: string[]) {
  const [full, ...increments] = await copy.chain('grafana');
  if (!full) throw new Error('grafana has no full');
  for (const each of increments) await copy.remove(each);
  await using scratch = await scratchFolder();
  const file = join(scratch.path, 'grafana.db');
  const entry = await copy.entry(full, ({ name }) => name === 'grafana.db');
  await writeFile(file, await copy.content(full, entry));
  changeDatabase(file, ...sql);
  await copy.putContent(full, entry, await readFile(file));
}

const isShard = ({ role }: ArtifactEntry) => role === 'shard';

/** Packs the newest shard's archive again, with one entry more. */
async function withEntry({ copy }: Scene, entry: { name: string; type?: 'symlink'; linkname?: string }) {
  const newest = await copy.member('telegraf', -1);
  const shard = await copy.entry(newest, isShard);
  const archive = pack();
  for (const { name, content } of await tarEntries(gunzipSync(await copy.content(newest, shard)))) {
    archive.entry({ name }, content);
  }
  archive.entry(entry, entry.type ? '' : 'planted');
  archive.finalize();
  const tar = await collect(Readable.from(archive), 1 << 28, 'a tar');
  await copy.putContent(newest, shard, gzipSync(tar));
  const own = await copy.entry(newest, ({ role }) => role === 'manifest');
  await copy.changeText(newest, own, (text) => {
    const manifest = JSON.parse(text) as { files: { fileName: string; size: number }[] };
    for (const file of manifest.files) if (file.fileName === shard.name) file.size = tar.length;
    return JSON.stringify(manifest);
  });
}

const archives: readonly Saboteur[] = [
  hostile(
    {
      id: 'S64',
      service: 'telegraf',
      injects: 'an archive holds a file whose name leaves the folder: ../../../etc/cron.d/evil',
      inject: (scene) => withEntry(scene, { name: '../../../etc/cron.d/evil' }),
    },
    { check: 'format', sentence: /^telegraf: .* is damaged: the tar archive holds a name with "\.\.": / },
  ),
  hostile(
    {
      id: 'S64',
      service: 'telegraf',
      injects: 'an archive holds a link to /etc/passwd',
      inject: (scene) => withEntry(scene, { name: 'telegraf/days/1/x.tsm', type: 'symlink', linkname: '/etc/passwd' }),
    },
    {
      check: 'format',
      sentence:
        /^telegraf: .* is damaged: the tar archive holds .*, which is neither a file nor a folder but of type symlink$/,
    },
  ),
  hostile(
    {
      id: 'S64',
      service: 'grafana',
      resealed: false,
      injects: 'in the place of an artifact lies a link to a file of this machine',
      inject: async ({ copy }) => {
        const full = await copy.member('grafana', 0);
        await rm(copy.fileOf(full, 'grafana.db'));
        await symlink('/etc/passwd', copy.fileOf(full, 'grafana.db'));
      },
    },
    { check: 'manifest', sentence: /^grafana: artifact grafana\.db of \S+ is missing$/ },
  ),
];

const gib = 1024 ** 3;

const bombs: readonly Saboteur[] = [
  hostile(
    {
      id: 'S64',
      service: 'agama',
      injects: 'some kilobytes decode to a gigabyte, of which the manifest says nothing',
      inject: async (scene) => {
        const full = await fullAlone(scene);
        const { name, contentBytes } = await scene.copy.entry(full, ({ name }) => name === 'table-00001.tsv');
        await scene.copy.spoil(full, name, () => zstdCompressSync(Buffer.alloc(gib)));
        await scene.copy.changeManifest(full, ({ artifacts }) => {
          for (const each of artifacts) if (each.name === name) each.contentBytes = contentBytes;
        });
      },
    },
    {
      check: 'hostile-input',
      sentence: /^agama: artifact table-00001\.tsv of \S+ decodes to more than the \d+ bytes of its manifest$/,
    },
  ),
  hostile(
    {
      id: 'S64',
      service: 'agama',
      injects: 'a document is nested 100,000 deep',
      inject: async (scene) => {
        const full = await fullAlone(scene);
        const entry = await scene.copy.entry(full, ({ name }) => name === 'schema.json');
        const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
        await scene.copy.putContent(full, entry, Buffer.from(deep));
      },
    },
    { check: 'hostile-input', sentence: /^agama: artifact schema\.json of agama is nested more than 100 deep$/ },
  ),
  hostile(
    {
      id: 'S64',
      service: 'grafana',
      resealed: false,
      injects: 'the manifest has 70 MiB',
      inject: async ({ copy }) =>
        copy.spoil(await copy.member('grafana', -1), 'manifest.json', (json) =>
          Buffer.concat([json, Buffer.alloc(70 * 1024 * 1024, ' ')]),
        ),
    },
    { check: 'hostile-input', sentence: /^grafana: the manifest of \S+ is larger than 67108864 bytes$/ },
  ),
];

const evilName = '<img src=x onerror=alert(1)>\r\nBcc: all@example.com\u001b[2J\u202e';

const markup: readonly Saboteur[] = [
  hostile(
    {
      id: 'S67',
      service: 'agama',
      injects: 'a table bears markup, a mail header and terminal escapes in its name',
      inject: inSchema(({ databases: [database] }) => {
        database?.tables.push({
          name: evilName,
          create: `CREATE TABLE \`${evilName}\` (\n  \`id\` int NOT NULL,\n  PRIMARY KEY (\`id\`)\n) ENGINE=InnoDB`,
          columns: [{ name: 'id', form: 'plain' }],
        });
      }),
    },
    {
      check: 'schema',
      sentence: /^agama: table agama\..*img src=x.* is there after the restore, but was not when it was dumped$/s,
    },
  ),
  hostile(
    {
      id: 'S67',
      service: 'grafana',
      injects: 'a dashboard bears markup, a mail header and terminal escapes in uid and title',
      inject: (scene) =>
        inGrafana(
          scene,
          `INSERT INTO dashboard (version, slug, title, data, org_id, created, updated, uid)
           VALUES (1, 'x', '${evilName}', '{"title": "x"}', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00', '${evilName}')`,
        ),
    },
    {
      check: 'inventory',
      sentence: /^grafana: the restored database has in excess 1 of the dashboards of Main Org\.: .*img src=x/s,
    },
  ),
  hostile(
    {
      id: 'S67',
      service: 'telegraf',
      injects: 'a measurement bears markup, a mail header and terminal escapes in its name',
      inject: async ({ copy }) =>
        copy.changeManifest(await copy.member('telegraf', -1), ({ facts }) => {
          const { measurements } = facts as unknown as { measurements: { name: string }[] };
          // No query can name what holds a carriage return.
          measurements.push({ ...(measurements[0] as { name: string }), name: evilName.replace('\r', '') });
        }),
    },
    { check: 'inventory', sentence: /^telegraf: measurement .*img src=x.* is missing$/s },
  ),
];

/** Section G of the catalogue. */
export const hostiles: readonly Saboteur[] = withAndWithoutKey([
  ...clientEscapes,
  ...plantedStatements,
  ...archives,
  ...bombs,
  ...markup,
]);
