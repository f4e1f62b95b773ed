import { chmod, open } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../../kit/errors.ts';
import { manifestFile, parseMemberId } from '../../model/backup-set.ts';
import type { ListedMember, ReadableVault } from '../../vault/vault.ts';

const spoiledBytes = 64;

/**
 * Changes bytes in the middle of the largest artifact of a service's newest increment, where it lies; its size stays. Without
 * an increment: of its newest backup. Returns what was changed, for people.
 */
export async function corruptNewest(vault: ReadableVault, folder: string, service: string): Promise<string> {
  const { members } = await vault.list();
  const own = members.filter((each) => each.service === service);
  const member = own.findLast(({ id }) => parseMemberId(id)?.kind === 'incremental') ?? own.at(-1);
  if (!member) {
    const sentence = `vault ${vault.label} holds no backup of ${service} that could be damaged`;
    throw new FiredrillError('NO_SUCH_SET', sentence, { hint: 'Let the scenario make a backup first.' });
  }
  const artifact = largestOf(member);
  const path = join(folder, member.set, member.service, member.id, artifact.name);
  await chmod(path, 0o600);
  await spoil(path, artifact.bytes);
  return `${member.set}/${member.service}/${member.id}/${artifact.name}`;
}

function largestOf({ files, id }: ListedMember) {
  const [largest] = files.filter(({ name }) => name !== manifestFile).sort((a, b) => b.bytes - a.bytes);
  if (largest && largest.bytes > 0) return largest;
  throw new FiredrillError('NO_SUCH_SET', `${id} holds no artifact that could be damaged`);
}

async function spoil(path: string, bytes: number): Promise<void> {
  await using file = await open(path, 'r+');
  const length = Math.min(spoiledBytes, bytes);
  const at = Math.floor((bytes - length) / 2);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, at);
  await file.write(
    buffer.map((byte) => byte ^ 0xff),
    0,
    length,
    at,
  );
  await file.sync();
}
