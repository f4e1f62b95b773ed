import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError, messageOf } from '../../kit/errors.ts';
import { createSigningKey } from '../../kit/signing-key.ts';
import { directoryVault } from '../../vault/directory.ts';

export const configName = 'firedrill.yaml';

/** As the stack's configuration names it. */
export const secretName = (service: string) => `secrets/${service}.txt`;

/** A folder with fresh keys, a password for each service, and two empty vaults; private to this user. */
export async function makeStackFolder(folder: string, passwords: ReadonlyMap<string, string>): Promise<void> {
  try {
    for (const name of ['', 'keys', 'secrets']) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
    const { privatePem, publicPem } = createSigningKey();
    await writeFile(join(folder, 'keys/signing.key'), privatePem, { mode: 0o600, flag: 'wx' });
    await writeFile(join(folder, 'keys/signing.pub'), publicPem);
    for (const [service, password] of passwords) {
      await writeFile(join(folder, secretName(service)), password, { mode: 0o600, flag: 'wx' });
    }
    for (const name of ['onsite', 'offsite']) await directoryVault(name, join(folder, name)).mark();
  } catch (cause) {
    throw new FiredrillError('FILE_WRITE', `the stack's folder ${folder} cannot be made: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Of the stack's own administrator. SECRET_MISSING when somebody has taken the file away. */
export async function passwordOf(folder: string, service: string): Promise<string> {
  const file = join(folder, secretName(service));
  try {
    return (await readFile(file, 'utf8')).trimEnd();
  } catch (cause) {
    const hint = 'End this game day, and begin another.';
    throw new FiredrillError('SECRET_MISSING', `${file} cannot be read: ${messageOf(cause)}`, { cause, hint });
  }
}
