import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedServer } from '../../hosts/bay.ts';
import { outputOf } from '../../hosts/output.ts';
import { isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { InfluxClient } from './client.ts';
import type { Facts, ShardFacts } from './facts.ts';
import { listShards } from './inventory.ts';
import { dataFolder } from './recipe.ts';

const maxListBytes = 64 * 1024 * 1024;

/**
 * Are the restored server's files those of the dump, byte for byte? A file that the server has merged into a newer one
 * since then (a busy shard, or one with deleted points) is known by its successor: its points are held by their counts.
 */
export async function checkContent(
  service: string,
  facts: Facts,
  server: StartedServer,
  client: InfluxClient,
  signal: AbortSignal,
): Promise<CheckResult> {
  const shards = await listShards(client, facts.database);
  const idOf = ({ policy, start }: ShardFacts) =>
    shards.find((each) => each.policy === policy && each.start === start)?.id;
  const files = facts.shards.flatMap((shard) => {
    const folder = `${shard.policy}/${idOf(shard)}`;
    return shard.files.map((file) => ({ shard, file, folder }));
  });
  const look = new Look('content', service, 'data files', files.length);
  const found = await settledHashes(files, () => hashesOf(server, facts.database, signal));
  let merged = 0;
  for (const { shard, file, folder } of files) {
    look.sawOne();
    const sha256 = found.get(`${folder}/${file.name}`);
    if (sha256 === file.sha256) continue;
    if (sha256 === undefined && hasSuccessor(found, folder, file.name)) {
      merged += 1;
      continue;
    }
    const what = sha256 === undefined ? 'is missing' : 'has other bytes than in the dump';
    look.fail({
      sentence: `${service}: data file ${plainLine(file.name)} of shard ${shard.id} (${plainLine(shard.policy)}) ${what}`,
      expected: file.sha256,
      found: sha256 ?? 'nothing',
    });
  }
  return look.compare('data files, of which merged since', files.length, merged).result();
}

const looks = 3;
const betweenLooksMs = 500;

/** While the server merges files, one look can find neither the old name nor the new one, or a name that is gone. */
async function settledHashes(
  files: readonly { folder: string; file: { name: string } }[],
  look: () => Promise<Map<string, string>>,
): Promise<Map<string, string>> {
  for (let n = 1; ; n += 1) {
    try {
      const found = await look();
      const isThere = ({ folder, file }: (typeof files)[number]) =>
        found.has(`${folder}/${file.name}`) || hasSuccessor(found, folder, file.name);
      if (n === looks || files.every(isThere)) return found;
    } catch (error) {
      if (n === looks || !isFiredrillError(error, 'TOOL_FAILED')) throw error;
    }
    await sleep(betweenLooksMs);
  }
}

/** SHA-256 of the data files below the database's folder, by `policy/shard/name`. */
async function hashesOf(server: StartedServer, database: string, signal: AbortSignal): Promise<Map<string, string>> {
  const script = 'cd "$1" && exec find . -name "*.tsm" -exec sha256sum -z -- {} +';
  const args = ['-c', script, 'sh', `${dataFolder}/${database}`];
  const text = await outputOf(server.host, { tool: 'sh', args, signal }, maxListBytes);
  const lines = text.split('\0').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(66).replace(/^\.\//, ''), line.slice(0, 64)]));
}

/** `<generation>-<sequence>.tsm`: a merged file has the last generation of its parts and a higher sequence. */
function hasSuccessor(found: ReadonlyMap<string, string>, folder: string, name: string): boolean {
  const old = nameParts(name);
  return [...found.keys()].some((path) => {
    if (!path.startsWith(`${folder}/`)) return false;
    const now = nameParts(path.slice(folder.length + 1));
    return old && now && now.generation >= old.generation && now.sequence > old.sequence;
  });
}

function nameParts(name: string): { generation: number; sequence: number } | undefined {
  const [, generation, sequence] = /^(\d+)-(\d+)\.tsm$/.exec(name) ?? [];
  return generation === undefined ? undefined : { generation: Number(generation), sequence: Number(sequence) };
}
