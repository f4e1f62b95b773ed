import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { VaultConfig } from '../../config/config.ts';
import type { Diagnosis } from '../../engines/engine.ts';
import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import { togetherness } from '../../vault/apart.ts';
import { newVaultHint } from '../../vault/mark.ts';
import type { Vault } from '../../vault/vault.ts';
import { openVault } from '../vaults.ts';
import { diagnoseWritable, neededInVault } from './disk.ts';
import { ok, problem, problemOf } from './examine.ts';

/**
 * Whether a vault can be reached and read, has room, and takes what is written; whether it is a second copy in truth, beside
 * `first`; and whether its keys are kept from others. Nothing is left in it.
 */
export async function diagnoseVault(
  config: VaultConfig,
  first: VaultConfig,
  { stored }: { stored: number },
): Promise<Diagnosis[]> {
  const { label, folder } = config;
  if (config.kind === 'directory' && !existsSync(folder)) {
    const advice = newVaultHint(label);
    return [problem(`vault ${label}: there is no ${folder}`, advice)];
  }
  const vault = await openVault(config);
  const usable =
    config.kind === 'directory'
      ? await diagnoseWritable(`vault ${label}`, folder)
      : await diagnoseRemoteRoom(vault, stored);
  const apart = config === first ? [] : [await diagnoseApart(vault, await openVault(first), config)];
  const held = usable.ok ? [await contents(vault).catch(problemOf)] : [];
  return [...(await diagnosePrivacy(config)), usable, ...held, ...apart];
}

async function diagnoseApart(vault: Vault, first: Vault, config: VaultConfig): Promise<Diagnosis> {
  const found = togetherness(await first.whereabouts(), await vault.whereabouts());
  if (!found) return ok(`vault ${vault.label}: on another disk or machine than vault ${first.label}`);
  const sentence = `vault ${vault.label} is no second copy beside vault ${first.label}: it ${found.reason}`;
  if (found.same === 'machine' && config.sameMachineAllowed) return ok(`${sentence}; allowed by sameMachineAllowed`);
  return problem(sentence, 'Put it on another machine: a fire, or one broken disk, takes both.');
}

/** Keys that others of this machine could read. */
async function diagnosePrivacy(config: VaultConfig): Promise<Diagnosis[]> {
  const files = [config.ageIdentityFile, config.kind === 'sftp' ? config.ssh.identityFile : undefined];
  const findings = files.map(async (file) => {
    if (file === undefined || ((await stat(file)).mode & 0o077) === 0) return [];
    return [problem(`others than its owner may read the private key ${file}`, `Run: chmod 600 ${file}`)];
  });
  return (await Promise.all(findings)).flat();
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
