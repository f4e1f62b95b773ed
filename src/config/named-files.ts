import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { systemCode } from '../kit/errors.ts';
import type { Config } from './config.ts';

/** Files that the configuration names (keys, ssh identities, known hosts) and that cannot be read: a line for each. */
export async function unreadableFiles({ signingKeyFile, trustedKeyFiles, services }: Config): Promise<string[]> {
  const named: [string, string | undefined][] = [
    ['keys.private', signingKeyFile],
    ...trustedKeyFiles.map((file, i): [string, string] => [`keys.public.${i}`, file]),
    ...services.flatMap(({ service, reach }): [string, string | undefined][] =>
      reach.kind !== 'ssh'
        ? []
        : [
            [`services.${service}.reach.ssh.identityFile`, reach.identityFile],
            [`services.${service}.reach.ssh.knownHostsFile`, reach.knownHostsFile],
          ],
    ),
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
