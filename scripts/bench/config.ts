import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSigningKey } from '../../src/kit/signing-key.ts';

/** The files that a configuration in `folder` names: a pair of keys, and the password of the source's account. */
export async function writeSecrets(folder: string): Promise<void> {
  const { privatePem, publicPem } = createSigningKey();
  await writeFile(join(folder, 'signing.key'), privatePem, { mode: 0o600 });
  await writeFile(join(folder, 'signing.pub'), publicPem);
  await writeFile(join(folder, 'password.txt'), 'bench', { mode: 0o600 });
}

/** A configuration of one service, `large`, in `folder`, with what it names; returns its path. */
export async function writeConfig(folder: string, service: string, image: string): Promise<string> {
  await writeSecrets(folder);
  const file = join(folder, 'firedrill.yaml');
  await writeFile(
    file,
    `version: 1
keys: { private: signing.key, public: [signing.pub] }
vaults: { onsite: { kind: directory, folder: vault } }
services:
  large:
${service}
    rpo: 1d
    retention: 28d
    quiet: any
drill:
  images: { ${image} }
  pull: never
`,
  );
  return file;
}

/** The service of a MySQL server in a container, whose account `firedrill` has that password and may read `large`. */
export const mysqlService = (container: string) => `    engine: mysql
    reach: { docker: ${container} }
    settings: { databases: [large], user: firedrill, password: { file: password.txt } }`;

export const mysqlAccount = `CREATE USER firedrill@'%' IDENTIFIED BY 'bench'; GRANT ALL ON *.* TO firedrill@'%';`;
