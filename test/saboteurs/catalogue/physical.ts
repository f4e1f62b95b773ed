import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { zstdDecompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { CloneDocument } from '../../../src/engines/mysql/physical/clone-files.ts';
import type { MysqlSettings } from '../../../src/engines/mysql/settings.ts';
import type { MysqlSource } from '../../../src/engines/mysql/source.ts';
import { collect } from '../../../src/kit/streams.ts';
import type { MemberRef } from '../../../src/model/backup-set.ts';
import type { ArtifactEntry } from '../../../src/model/manifest.ts';
import { withChecksum } from '../../support/innodb-bytes.ts';
import { tarEntries } from '../../support/tar-entries.ts';
import { type FindingOf, type Saboteur, type Scene, withAndWithoutKey } from '../saboteur.ts';
import { startAgama } from '../stage.ts';
import { VaultCopy } from '../vault-copy.ts';

const settings: Partial<MysqlSettings> = { format: 'physical', cloneFolder: '/data', databases: ['agama'] };

/** A physical full of agama, alone in the copy. */
async function clonedFull(scene: Scene): Promise<MemberRef> {
  const { copy, stage } = scene;
  for (const each of (await copy.chain('agama')).toReversed()) await copy.remove(each);
  // So that its pages are in its file, and not in the log only.
  await stage.mysql.sql('USE agama; FLUSH TABLES todos FOR EXPORT; UNLOCK TABLES');
  const { set, service, id } = await scene.backUp('full', { source: stage.mysql.source(settings) });
  return { set, service, id };
}

const isArchive = ({ role }: ArtifactEntry) => role === 'clone';

interface Held {
  name: string;
  content: Buffer;
}

/** Changes the files of the archive that holds one of this name, by its end; sizes, hashes and seals fit. */
async function changeArchive({ copy }: Scene, full: MemberRef, end: string, change: (files: Held[]) => Held[]) {
  const { files } = await documentOf(copy, full);
  const archive = files.find(({ name }) => name.endsWith(end))?.archive;
  const entry = await copy.entry(full, ({ name }) => name === archive);
  const held = await tarEntries(await copy.content(full, entry));
  await copy.putContent(full, entry, await packed(change(held)));
}

async function packed(files: readonly (Held & { link?: string })[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, content, link } of files) {
    if (link === undefined) archive.entry({ name, mode: 0o600 }, content);
    else archive.entry({ name, type: 'symlink', linkname: link }, '');
  }
  archive.finalize();
  return collect(Readable.from(archive), 1 << 30, 'a tar');
}

async function documentOf(copy: Scene['copy'], full: MemberRef): Promise<CloneDocument> {
  const entry = await copy.entry(full, ({ name }) => name === 'clone.json');
  return JSON.parse((await copy.content(full, entry)).toString()) as CloneDocument;
}

const pageBytes = 16_384;

/** Flips a byte in the last page of a table's file that is in use. `heal`: its checksum is made to fit. */
function flipped(end: string, heal: boolean) {
  return (files: Held[]) => {
    const content = files.find(({ name }) => name.endsWith(end))?.content ?? Buffer.alloc(0);
    for (let at = content.length - pageBytes; at >= 4 * pageBytes; at -= pageBytes) {
      const page = content.subarray(at, at + pageBytes);
      // An index page, of which the rows begin after its head.
      if (page.readUInt16BE(24) !== 17_855) continue;
      page[140] = (page[140] ?? 0) ^ 0xff;
      if (heal) withChecksum(page);
      return files;
    }
    throw new Error(`${end} has no index page`);
  };
}

function spoilt(
  about: Pick<Saboteur, 'id' | 'injects'>,
  expected: Pick<FindingOf, 'check' | 'sentence'>,
  inject: (scene: Scene, full: MemberRef) => Promise<void>,
): Saboteur {
  return {
    ...{ level: 'F', resealed: true, live: true, services: ['agama'], ...about },
    injects: `in a physical full ${about.injects}`,
    inject: async (scene) => inject(scene, await clonedFull(scene)),
    expect: { verdict: 'fail', service: 'agama', ...expected },
  };
}

const damaged: readonly Saboteur[] = [
  spoilt(
    { id: 'S01', injects: 'a byte of a table has flipped' },
    { check: 'format', sentence: /^agama: agama\/todos\.ibd is damaged: page \d+ does not fit its checksum$/ },
    (scene, full) => changeArchive(scene, full, '/todos.ibd', flipped('/todos.ibd', false)),
  ),
  spoilt(
    { id: 'S02', injects: 'an archive is cut off' },
    { check: 'format', sentence: /^agama: .*the tar archive is damaged: / },
    async ({ copy }, full) => {
      const entry = await copy.entry(full, isArchive);
      const content = await copy.content(full, entry);
      await copy.putContent(full, entry, content.subarray(0, Math.floor(content.length / 2)));
    },
  ),
  spoilt(
    { id: 'S06', injects: 'the file of a table is missing' },
    { check: 'completeness', sentence: /^agama: clone-\d\.tar lacks agama\/todos\.ibd, which was cloned$/ },
    (scene, full) =>
      changeArchive(scene, full, '/todos.ibd', (files) => files.filter(({ name }) => !name.endsWith('/todos.ibd'))),
  ),
];

const swapped: readonly Saboteur[] = [
  spoilt(
    { id: 'S08', injects: 'lie the archives of the clone of another server' },
    { check: 'completeness', sentence: /^agama: the clone ends at .*, and its manifest says .*: it is another clone$/ },
    async (scene, full) => {
      await using other = await startAgama();
      for (const night of other.lives.nights.slice(0, 1)) await night();
      await replaceClone(scene, full, other.server.source(settings));
    },
  ),
];

/** Puts the clone of another server into the place of a full's own, and its list with it. */
async function replaceClone(scene: Scene, full: MemberRef, other: MysqlSource) {
  const { copy } = scene;
  const files = await foreignFiles(scene, other);
  for (const { name, content } of files) {
    const entry = await copy.entry(full, (each) => each.name === name);
    await copy.putContent(full, entry, content);
  }
}

async function foreignFiles({ stage }: Scene, source: MysqlSource) {
  await using scratch = await VaultCopy.of(stage.folder);
  const { set, service, id } = await stage.backUp('agama', { vault: scratch.vault, kind: 'full', source });
  const member = { set, service, id };
  const { artifacts } = await scratch.manifest(member);
  const wanted = artifacts.filter((each) => isArchive(each) || each.name === 'clone.json');
  // Awaited here: the copy must outlive it.
  return await Promise.all(
    wanted.map(async ({ name }) => ({
      name,
      content: zstdDecompressSync(await readFile(scratch.fileOf(member, name))),
    })),
  );
}

const planted: readonly Saboteur[] = [
  spoilt(
    { id: 'S64', injects: 'an archive holds a file whose name leaves the folder: ../../evil.ibd' },
    { check: 'format', sentence: /^agama: .*the tar archive holds a name with "\.\.": / },
    (scene, full) =>
      changeArchive(scene, full, '/todos.ibd', (files) => [
        ...files,
        { name: '../../evil.ibd', content: randomBytes(10) },
      ]),
  ),
  spoilt(
    { id: 'S64', injects: 'an archive holds a link to /etc/passwd' },
    { check: 'format', sentence: /^agama: .*neither a file nor a folder but of type symlink$/ },
    (scene, full) =>
      changeArchive(scene, full, '/todos.ibd', (files) => [
        ...files,
        { name: 'agama/x.ibd', content: Buffer.alloc(0), link: '/etc/passwd' } as Held,
      ]),
  ),
  spoilt(
    { id: 'S64', injects: 'lie settings of a server, which make it load a library' },
    { check: 'format', sentence: /^agama: artifact clone\.json of agama is not as it must be: / },
    async (scene, full) => {
      const { copy } = scene;
      const hostile = { name: 'mysqld-auto.cnf', content: Buffer.from('{"Version": 2}') };
      await changeArchive(scene, full, '/todos.ibd', (files) => [...files, hostile]);
      const entry = await copy.entry(full, ({ name }) => name === 'clone.json');
      await copy.changeText(full, entry, (text) => {
        const document = JSON.parse(text) as CloneDocument;
        const archive = document.files.find(({ name }) => name.endsWith('/todos.ibd'))?.archive ?? '';
        document.files.push({ name: hostile.name, bytes: hostile.content.length, archive });
        return JSON.stringify(document);
      });
    },
  ),
];

/** Faults of physical fulls, as those of the sections before are of logical ones. */
export const physicalFaults: readonly Saboteur[] = withAndWithoutKey([...damaged, ...swapped, ...planted]);
