import { Readable } from 'node:stream';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { type NewTarEntry, writeTar } from '../../../kit/tar.ts';
import { plainLine } from '../../../kit/text.ts';
import { together } from '../../../kit/together.ts';
import { formatBytes } from '../../../kit/units.ts';
import type { ArtifactSink } from '../../../model/member.ts';
import { archiveName, type CloneDocument, cloneArtifact, hasPages, isCloneFile, isCloneFolder } from './clone-files.ts';
import { archiveRole } from './is-physical.ts';
import { isEncrypted, PageWatch } from './page-watch.ts';
import type { FoundFile, SourceClone } from './source-clone.ts';

/** What a server makes anew, or keeps for itself alone. */
const leftOut = /^(ib_buffer_pool|ibtmp1|#innodb_temp\/.*|.*\.(sdi|CSV|CSM|MYD|MYI))$/;

/**
 * Fetches a clone in one pass, in as many tar archives side by side as there are `lanes`; each page is looked at while it flows.
 * BACKUP_INCOMPLETE for one that is damaged.
 */
export async function storeClone(
  clone: SourceClone,
  service: string,
  lanes: number,
  sink: ArtifactSink,
  activity: Activity,
): Promise<void> {
  const { files: all, folders } = await clone.look();
  const found = all.filter(({ name }) => !leftOut.test(name));
  const strange = found.find(({ name }) => !isCloneFile(name))?.name ?? folders.find((name) => !isCloneFolder(name));
  if (strange !== undefined) throw unknownFile(service, strange);
  const parts = inParts(found, lanes);
  const total = formatBytes(found.reduce((sum, { bytes }) => sum + bytes, 0));
  let stored = 0;
  const told = (bytes: number) => {
    stored += bytes;
    activity.tell({ service, phase: 'dump', text: `${formatBytes(stored)} of ${total}`, bytes });
  };
  const stop = new AbortController();
  const store = async (files: readonly FoundFile[], part: number) => {
    const { stream, done } = clone.read(files.map(({ name }) => name));
    stop.signal.addEventListener('abort', () => stream.destroy());
    const entries = entriesOf(files, stream, (file) => watchOf(service, file), told);
    await sink.add(archiveName(part), archiveRole, 'zstd', writeTar(entries));
    await done;
  };
  await together(parts.map(store), (error) => stop.abort(error)).catch(asIncomplete(service));
  const files = parts.flatMap((part, i) => part.map((file) => ({ ...file, archive: archiveName(i) })));
  const document: CloneDocument = { format: 'firedrill-mysql-clone', version: 1, folders, files };
  await sink.add(cloneArtifact, 'clone-files', 'zstd', Readable.from([JSON.stringify(document)]));
}

/** The largest first, each to the part that has least: parts that take as long as one another. */
export function inParts(files: readonly FoundFile[], count: number): FoundFile[][] {
  const parts = Array.from({ length: Math.max(1, Math.min(count, files.length)) }, () => ({
    bytes: 0,
    files: [] as FoundFile[],
  }));
  for (const file of files.toSorted((a, b) => b.bytes - a.bytes)) {
    const least = parts.reduce((a, b) => (b.bytes < a.bytes ? b : a));
    least.bytes += file.bytes;
    least.files.push(file);
  }
  return parts.map((part) => part.files);
}

/** Cuts what comes as one stream into files of known sizes. */
async function* entriesOf(
  files: readonly FoundFile[],
  stream: Readable,
  watch: (file: FoundFile) => PageWatch | undefined,
  told: (bytes: number) => void,
): AsyncGenerator<NewTarEntry> {
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const next = async () => {
    const { value, done } = await chunks.next();
    if (done) return undefined;
    return value as Buffer;
  };
  const contentOf = async function* (file: FoundFile): AsyncGenerator<Buffer> {
    const pages = watch(file);
    for (let left = file.bytes; left > 0; ) {
      const chunk = held.length > 0 ? held : await next();
      if (chunk === undefined) throw shrunk(file.name);
      const own = chunk.subarray(0, left);
      held = chunk.subarray(own.length);
      left -= own.length;
      pages?.see(own);
      yield own;
    }
    if (file.bytes > 0) pages?.end();
    told(file.bytes);
  };
  for (const file of files) {
    const content = Readable.from(contentOf(file), { objectMode: false, highWaterMark: 1 << 20 });
    yield { name: file.name, size: file.bytes, mode: 0o600, content };
  }
  if (held.length > 0 || (await next()) !== undefined) throw shrunk('a file');
}

function watchOf(service: string, { name }: FoundFile): PageWatch | undefined {
  if (!hasPages(name)) return undefined;
  return new PageWatch((what) => {
    const sentence = `${service}: ${name} of the source ${what}`;
    if (what === isEncrypted) {
      return new FiredrillError('SOURCE_UNSUITABLE', sentence, {
        hint: 'Type on the source: ALTER TABLE … ENCRYPTION=\'N\'; or set "format: logical" for this service.',
      });
    }
    const hint = 'Look for it on the source (CHECK TABLE …): its disk or memory may be failing.';
    return new FiredrillError('BACKUP_INCOMPLETE', sentence, { hint });
  });
}

function unknownFile(service: string, name: string) {
  const sentence = `${service}: the clone holds ${plainLine(name)}, which firedrill does not know how to restore`;
  return new FiredrillError('SOURCE_UNSUITABLE', sentence, {
    hint: 'Give that tablespace a name of letters and digits that ends in .ibd, or set "format: logical".',
  });
}

function shrunk(name: string) {
  return new FiredrillError('BACKUP_INCOMPLETE', `${plainLine(name)} of the clone changed its size while it was read`);
}

function asIncomplete(service: string) {
  return (error: unknown): never => {
    if (!isFiredrillError(error, 'TOOL_FAILED')) throw error;
    const sentence = `${service}: the clone could not be read: ${error.message}`;
    throw new FiredrillError('BACKUP_INCOMPLETE', sentence, { cause: error, detail: error.detail });
  };
}
