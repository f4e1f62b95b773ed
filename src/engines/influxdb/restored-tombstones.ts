import { posix } from 'node:path';
import type { Bay } from '../../hosts/bay.ts';
import { runToEnd } from '../../hosts/output.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { collect } from '../../kit/streams.ts';
import { type NewTarEntry, writeTar } from '../../kit/tar.ts';
import type { InfluxClient } from './client.ts';
import type { DumpedShard } from './dumped-files.ts';
import { listShards } from './inventory.ts';
import { dataFolder } from './recipe.ts';
import { filesOf } from './shard-archive.ts';

/** Of all tombstone files together. */
const mostBytes = 64 * 1024 * 1024;

/**
 * The tombstone files of a dump, named for the restored server's data folder. `influxd restore` leaves them out, and
 * gives shards new numbers; their policy and first instant tell which is which.
 */
export async function tombstoneFiles(
  shards: readonly DumpedShard[],
  client: InfluxClient,
  database: string,
): Promise<NewTarEntry[]> {
  const concerned = shards.filter(({ facts }) => facts.tombstones > 0);
  if (concerned.length === 0) return [];
  const restored = await listShards(client, database);
  const entries: NewTarEntry[] = [];
  let left = mostBytes;
  for (const { facts, member, file, artifact } of concerned) {
    const target = restored.find(({ policy, start }) => policy === facts.policy && start === facts.start);
    if (!target) throw new FiredrillError('RESTORE_FAILED', `shard ${facts.id} of ${facts.policy} was not restored`);
    const archive = { content: member.content(artifact.name), bytes: artifact.bytes, file };
    for await (const { base, content } of filesOf(archive)) {
      if (!/^[\w-]+\.tombstone$/.test(base)) continue;
      const bytes = await collect(content, left, 'all tombstone files together');
      left -= bytes.length;
      const name = posix.join(database, facts.policy, String(target.id), base);
      entries.push({ name, size: bytes.length, mode: 0o644, content: bytes });
    }
  }
  return entries;
}

/** The server must be stopped: it reads them when it starts. */
export async function unpackTombstones(bay: Bay, files: readonly NewTarEntry[], signal: AbortSignal) {
  const stdin = writeTar(files);
  await runToEnd(bay.holder, { tool: 'tar', args: ['-xf', '-', '-C', dataFolder], stdin, signal });
}
