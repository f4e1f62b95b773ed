import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Host } from '../../../hosts/host.ts';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { collect, DigestStream } from '../../../kit/streams.ts';
import { readTar, type TarEntry } from '../../../kit/tar.ts';
import type { FileFacts } from '../facts.ts';
import { assertReadable } from './copy-database.ts';
import { spoolOutput } from './spool.ts';

const tarDeadlineMs = 15 * 60_000;
const maxIniBytes = 1024 * 1024;
/** Each is kept in mind, and an archive of empty files is small however many they are. */
const mostFiles = 100_000;

export interface FilesBeside {
  files: FileFacts[];
  /** The text of grafana.ini, where there is one. It holds secrets. */
  ini: string | undefined;
}

// -h: provisioning is often a farm of links, and a restored link could point anywhere.
const tarScript = 'cd / && exec tar -chf - -- "$@"';
const emptyTarScript = 'exec head -c 1024 /dev/zero';

/** Packs the files and folders that stand beside the database into one archive at `path`, and reads it again. */
export async function copyFiles(
  host: Host,
  paths: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<FilesBeside> {
  for (const each of paths) await assertReadable(host, each, signal);
  // tar itself refuses to make an archive of nothing.
  const script = paths.length > 0 ? tarScript : emptyTarScript;
  const args = paths.map((each) => each.replace(/^\/+/, ''));
  try {
    await spoolOutput(host, { script, args, deadlineMs: tarDeadlineMs, signal }, path);
    return await readFiles(createReadStream(path));
  } catch (error) {
    if (!isFiredrillError(error, 'TOOL_FAILED', 'ARTIFACT_FORMAT', 'LIMIT_EXCEEDED')) throw error;
    const sentence = `the files beside the database could not be packed: ${error.message}`;
    throw new FiredrillError('BACKUP_INCOMPLETE', sentence, { detail: error.detail, cause: error });
  }
}

/** Reads an archive of files to its end. ARTIFACT_FORMAT when it is none. */
export async function readFiles(archive: Readable): Promise<FilesBeside> {
  const files: FileFacts[] = [];
  let ini: string | undefined;
  for await (const entry of readTar(archive)) {
    if (entry.type !== 'file') continue;
    if (files.length === mostFiles) {
      throw new FiredrillError('LIMIT_EXCEEDED', `there are more than ${mostFiles} files beside grafana.db`);
    }
    const isIni = entry.name.endsWith('/grafana.ini') && ini === undefined && entry.size <= maxIniBytes;
    const { digest, text } = await readFileEntry(entry, isIni);
    if (isIni) ini = text;
    files.push({ name: entry.name, bytes: digest.bytes, sha256: digest.sha256 });
  }
  return { files, ini };
}

async function readFileEntry({ content, name }: TarEntry, keep: boolean) {
  const digest = new DigestStream();
  if (!keep) {
    await pipeline(content, digest.resume());
    return { digest: digest.digest(), text: '' };
  }
  const [text] = await Promise.all([collect(digest, maxIniBytes, name), pipeline(content, digest)]);
  return { digest: digest.digest(), text: text.toString('utf8') };
}
