import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSigningKey } from '../../src/kit/signing-key.ts';
import { stateFolder } from '../image-choice.ts';
import type { DemoSecrets } from './demo-context.ts';

/** What stays after a demo: configuration, keys, secrets, vault and reports. */
export const demoFolder = join(stateFolder, 'demo');
export const configFile = join(demoFolder, 'firedrill.yaml');

/** Makes fresh keys and secrets, and room for a vault: the last demo's goes, its sources are no more. Reports stay. */
export async function prepareFolder(folder = demoFolder): Promise<DemoSecrets> {
  for (const old of ['vault', 'keys', 'secrets', 'firedrill.yaml']) {
    await rm(join(folder, old), { recursive: true, force: true });
  }
  const { privatePem, publicPem } = createSigningKey();
  const secret = () => randomBytes(18).toString('base64url');
  const secrets = { agamaApp: secret(), agamaBackup: secret(), influxAdmin: secret() };
  await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'secrets'), { mode: 0o700 });
  // firedrill makes no vault: one that is not there may be one that is not mounted.
  await mkdir(join(folder, 'vault'), { mode: 0o700 });
  await Promise.all([
    writeFile(join(folder, 'keys/signing.key'), privatePem, { mode: 0o600 }),
    writeFile(join(folder, 'keys/signing.pub'), publicPem),
    writeFile(join(folder, 'secrets/agama.txt'), secrets.agamaBackup, { mode: 0o600 }),
    writeFile(join(folder, 'secrets/influxdb.txt'), secrets.influxAdmin, { mode: 0o600 }),
  ]);
  return secrets;
}
