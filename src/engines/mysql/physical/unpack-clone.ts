import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { Bay } from '../../../hosts/bay.ts';
import { runToEnd } from '../../../hosts/output.ts';
import type { Activity } from '../../../kit/activity.ts';
import { together } from '../../../kit/together.ts';
import type { CheckResult } from '../../../model/check.ts';
import type { OpenMember } from '../../../model/member.ts';
import { folders } from '../recipe.ts';
import { readCloneDocument } from './clone-files.ts';
import { archiveRole } from './is-physical.ts';
import { ArchivesLook } from './read-archives.ts';

/** $1: the data folder. Each file comes as a line with its size and name, and then its bytes: an official image has no tar. */
const unpackScript = `
cd "$1" && umask 077
while read -r bytes name; do
  head -c "$bytes" > "./$name" || exit 1
done`;

/** Puts the files of a clone into the empty data folder of a bay, one archive beside the other. */
export async function unpackClone(member: OpenMember, bay: Bay, activity: Activity): Promise<CheckResult[]> {
  const document = await readCloneDocument(member);
  const archives = member.byRole(archiveRole);
  const look = new ArchivesLook(member, document, archives.length);
  const below = document.folders.map((name) => posix.join(folders.data, name));
  const made = [folders.sort, folders.data, ...below];
  await runToEnd(bay.holder, { tool: 'mkdir', args: ['-p', '--', ...made], signal: activity.signal });
  const failed = new AbortController();
  const signal = AbortSignal.any([activity.signal, failed.signal]);
  const unpack = async (archive: string) => {
    const stdin = Readable.from(framed(look, archive), { objectMode: false, highWaterMark: 1 << 20 });
    await runToEnd(bay.holder, { tool: 'sh', args: ['-c', unpackScript, 'sh', folders.data], stdin, signal });
  };
  const bytes = document.files.reduce((sum, file) => sum + file.bytes, 0);
  const work = () =>
    together(
      archives.map(({ name }) => unpack(name)),
      (error) => failed.abort(error),
    );
  await activity.native('unpack', work, bytes);
  return look.results();
}

async function* framed(look: ArchivesLook, archive: string): AsyncGenerator<Buffer> {
  for await (const { name, size, content } of look.entries(archive)) {
    yield Buffer.from(`${size} ${name}\n`);
    yield* content as AsyncIterable<Buffer>;
  }
}
