import { existsSync } from 'node:fs';
import type { VaultConfig } from '../../config/config.ts';
import type { Diagnosis } from '../../engines/engine.ts';
import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import type { Vault } from '../../vault/vault.ts';
import { openVault } from '../vaults.ts';
import { diagnoseWritable, neededInVault } from './disk.ts';
import { ok, problem } from './examine.ts';

/** Whether a vault can be reached and read, and takes what is written; nothing is left in it. */
export async function diagnoseVault(config: VaultConfig, { stored }: { stored: number }): Promise<Diagnosis[]> {
  const vault = await openVault(config);
  if (config.kind === 'sftp') return [await contents(vault), await diagnoseRemoteRoom(vault, stored)];
  const { label, folder } = config;
  if (!existsSync(folder)) {
    const advice = `Mount it, or make it, if it is new: mkdir -p ${folder}`;
    return [problem(`vault ${label}: there is no ${folder}`, advice)];
  }
  const writable = await diagnoseWritable(`vault ${label}`, folder);
  return writable.ok ? [writable, await contents(vault)] : [writable];
}

async function contents(vault: Vault): Promise<Diagnosis> {
  const { members, partial, foreign } = await vault.list();
  const backups = count(members.length, 'backup');
  return ok(
    `vault ${vault.label}: ${backups}, ${partial.length} in progress or left by a crash, ${foreign.length} foreign`,
  );
}

async function diagnoseRemoteRoom(vault: Vault, storedBytes: number): Promise<Diagnosis> {
  const free = await vault.freeBytes();
  if (free === undefined) return ok(`vault ${vault.label}: its server does not say how much room is left`);
  const needed = neededInVault(storedBytes);
  const sentence = `vault ${vault.label}: ${formatBytes(free)} free, about ${formatBytes(needed)} needed`;
  return free >= needed ? ok(sentence) : problem(sentence, 'Free space there.');
}
