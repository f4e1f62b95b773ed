import { readFile } from 'node:fs/promises';
import type { Config, SshReach, VaultConfig } from '../config/config.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { Secret } from '../model/secret.ts';
import { directoryVault } from '../vault/directory.ts';
import type { Markable } from '../vault/mark.ts';
import type { Vault } from '../vault/vault.ts';
import { readIdentityFile } from './keys.ts';

/** The vault of that name, or the first one; USAGE when there is none. */
export function vaultConfigOf({ vaults }: Pick<Config, 'vaults'>, name?: string): VaultConfig {
  const found = name === undefined ? vaults[0] : vaults.find(({ label }) => label === name);
  if (found) return found;
  const known = vaults.map(({ label }) => label).join(', ');
  throw new FiredrillError('USAGE', `there is no vault ${name}; configured are ${known}`);
}

/**
 * Nothing is connected before it is used; keys that are named are read here.
 * @param identityFile a private key of age, in place of the configured one
 */
export async function openVault(config: VaultConfig, identityFile = config.ageIdentityFile): Promise<Vault> {
  const vault = await vaultInClear(config);
  const { recipients } = config;
  if (recipients.length === 0 && identityFile === undefined) return vault;
  const identities = identityFile === undefined ? {} : { identities: await readIdentityFile(identityFile) };
  const { encryptedVault } = await import('../vault/encrypted.ts');
  return encryptedVault(vault, { recipients, ...identities });
}

/** Says of a configured vault's folder, made where it is absent, that it is meant to be one: its disk is mounted. */
export async function markVault(config: VaultConfig): Promise<void> {
  await (await vaultInClear(config)).mark();
}

async function vaultInClear(config: VaultConfig): Promise<Vault & Markable> {
  const { label, folder } = config;
  if (config.kind === 'directory') return directoryVault(label, folder, { marked: true });
  const { ssh, knownHosts, bytesPerSecond } = config;
  const known =
    typeof knownHosts === 'string'
      ? { knownHostsFile: knownHosts }
      : { knownHostsFile: `vaults.${label}.knownHosts`, knownHostsLines: knownHosts };
  const login = { label: `vault ${label} (sftp:${ssh.host})`, ...(await sshLoginOf(ssh)), ...known };
  const { sftpVault } = await import('../vault/sftp.ts');
  return sftpVault({ label, folder, login, marked: true, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) });
}

/** Who logs in where, with the private key read; KEY_INVALID when it cannot be. */
export async function sshLoginOf({ host, port, user, identityFile, agentSocket }: SshReach) {
  return {
    ...{ host, port, user },
    ...(identityFile === undefined ? {} : { privateKey: await readIdentity(identityFile) }),
    ...(agentSocket === undefined ? {} : { agentSocket }),
  };
}

async function readIdentity(file: string): Promise<Secret> {
  try {
    return new Secret({ file }, await readFile(file, 'utf8'));
  } catch (cause) {
    const hint = 'Name the right file as identityFile.';
    throw new FiredrillError('KEY_INVALID', `ssh key ${file} cannot be read: ${messageOf(cause)}`, { cause, hint });
  }
}
