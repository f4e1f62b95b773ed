import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { systemCode } from '../kit/errors.ts';
import { type Config, reachesOf } from './config.ts';

/** Files that the configuration names (keys, ssh identities, known hosts) and that cannot be read: a line for each. */
export async function unreadableFiles(config: Config): Promise<string[]> {
  const { signingKeyFile, trustedKeyFiles, ledgerKeyFile, ledgerPublicFiles, vaults, mail, schedules } = config;
  type Named = [string, string | undefined];
  const named: Named[] = [
    ['keys.private', signingKeyFile],
    ...trustedKeyFiles.map((file, i): Named => [`keys.public.${i}`, file]),
    ['keys.ledger', ledgerKeyFile],
    ...ledgerPublicFiles.map((file, i): Named => [`keys.ledgerPublic.${i}`, file]),
    ['schedules.buildingBurned.identity', schedules.buildingBurned?.identityFile],
    ['mail.smtp.ca', mail?.smtp.caFile],
    ...reachesOf(config).flatMap(([path, reach]): Named[] =>
      reach.kind !== 'ssh'
        ? []
        : [
            [`${path}.ssh.identityFile`, reach.identityFile],
            [`${path}.ssh.knownHostsFile`, reach.knownHostsFile],
          ],
    ),
    ...vaults.flatMap((vault): Named[] => [
      [`vaults.${vault.label}.ageIdentityFile`, vault.ageIdentityFile],
      ...(vault.kind !== 'sftp'
        ? []
        : ([
            [`vaults.${vault.label}.identityFile`, vault.ssh.identityFile],
            [
              `vaults.${vault.label}.knownHostsFile`,
              typeof vault.knownHosts === 'string' ? vault.knownHosts : undefined,
            ],
          ] satisfies Named[])),
    ]),
  ];
  const judged = await Promise.all(
    named.map(async ([path, file]) => {
      const problem = file === undefined ? undefined : await problemOf(file);
      return problem === undefined ? [] : [`${path}: file ${file}: ${problem}`];
    }),
  );
  return judged.flat();
}

async function problemOf(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return describeFileError(error);
  }
}

/** Why a file cannot be read, in a few words. */
export function describeFileError(error: unknown): string {
  const code = systemCode(error);
  if (code === 'ENOENT') return 'it is not there';
  return code === 'EACCES' ? 'this user may not read it' : `it cannot be read (${code ?? String(error)})`;
}
