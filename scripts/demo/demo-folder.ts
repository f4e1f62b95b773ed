import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initialiseEscrow } from '../../src/cli/init.ts';
import { createSigningKey } from '../../src/kit/signing-key.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { stateFolder } from '../image-choice.ts';
import type { DemoSecrets } from './demo-context.ts';

/** What stays after a demo: configuration, keys, secrets, vaults and reports. */
export const demoFolder = join(stateFolder, 'demo');
export const configFile = join(demoFolder, 'firedrill.yaml');

/** The other place: when the building has burned there is nothing but what lies in this folder. */
export const elsewhereName = 'elsewhere';
export const elsewhere = elsewhereIn(demoFolder);

export interface DemoFolder {
  secrets: DemoSecrets;
  /** Of the key that signs backups, in PEM form. */
  publicPem: string;
  /** Public half of the escrow key. */
  recipient: string;
}

function elsewhereIn(folder: string) {
  const at = (name: string) => join(folder, elsewhereName, name);
  return { configFile: at('firedrill.yaml'), escrowKey: at('escrow.key'), offsite: at('offsite') };
}

/** Makes fresh keys and secrets, and room for vaults: the last demo's go, its sources are no more. Reports stay. */
export async function prepareFolder(folder = demoFolder): Promise<DemoFolder> {
  const { configFile: burned, escrowKey, offsite } = elsewhereIn(folder);
  const own = ['vault', 'keys', 'secrets', 'firedrill.yaml'].map((name) => join(folder, name));
  for (const old of [...own, burned, escrowKey, offsite]) await rm(old, { recursive: true, force: true });
  const { privatePem, publicPem } = createSigningKey();
  const secret = () => randomBytes(18).toString('base64url');
  const secrets = { agamaApp: secret(), agamaBackup: secret(), influxAdmin: secret() };
  await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'secrets'), { mode: 0o700 });
  // firedrill uses no folder that nobody has marked as a vault: it may be where a disk is not mounted.
  for (const vault of [join(folder, 'vault'), offsite]) await directoryVault('', vault).mark();
  await Promise.all([
    writeFile(join(folder, 'keys/signing.key'), privatePem, { mode: 0o600 }),
    writeFile(join(folder, 'keys/signing.pub'), publicPem),
    writeFile(join(folder, 'secrets/agama.txt'), secrets.agamaBackup, { mode: 0o600 }),
    writeFile(join(folder, 'secrets/agama-app.txt'), secrets.agamaApp, { mode: 0o600 }),
    writeFile(join(folder, 'secrets/influxdb.txt'), secrets.influxAdmin, { mode: 0o600 }),
  ]);
  return { secrets, publicPem, recipient: await initialiseEscrow(escrowKey) };
}
