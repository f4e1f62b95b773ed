import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { grafanaSettings } from '../../src/engines/grafana/settings.ts';
import { localHost } from '../../src/hosts/local.ts';
import type { VerifiedMember } from '../../src/vault/verified-member.ts';
import { changeDatabase, type Sample } from './grafana-source.ts';
import { sampleFolder, standIn } from './grafana-stand-in.ts';
import { dumpToMember, type SealedMember } from './member.ts';

/** A sealed member, and its files as they were at first. */
export interface Spoilable extends SealedMember {
  originals: ReadonlyMap<string, Buffer>;
}

export interface Preparation {
  /** Before the server starts. */
  prepare?: (place: { folder: string; database: string }) => Promise<void> | void;
  /** The text of the grafana.ini beside the database. */
  ini?: string;
}

/** A sealed backup of a live stand-in of this machine, on a sample, with one file beside. */
export async function backedUpSample(
  sample: Sample,
  { prepare, ini = '[security]\n' }: Preparation = {},
): Promise<Spoilable> {
  await using place = await sampleFolder(sample);
  await prepare?.(place);
  const iniFile = join(place.folder, 'grafana.ini');
  await writeFile(iniFile, ini);
  await using grafana = await standIn(place.folder);
  await using host = localHost();
  const settings = grafanaSettings.parse({ database: place.database, files: [iniFile], port: grafana.port });
  const sealed = await dumpToMember(grafanaEngine, { service: 'grafana', host, settings });
  const names = await readdir(sealed.folder);
  const files = names.map(async (name) => [name, await readFile(join(sealed.folder, name))] as const);
  return { ...sealed, originals: new Map(await Promise.all(files)) };
}

/** The files of the provider of the sample `7.5.5-provisioned`, so that its server keeps the dashboards. */
export async function provideFiles({ folder, database }: { folder: string; database: string }): Promise<void> {
  const file = join(folder, 'p.json');
  await writeFile(file, '{}');
  await mkdir(join(folder, 'provisioning/dashboards'));
  await writeFile(join(folder, 'provisioning/dashboards/files.yaml'), 'providers:\n  - name: files\n');
  changeDatabase(database, `UPDATE dashboard_provisioning SET external_id = '${file}'`);
}

/**
 * Spoils one artifact of the original and makes the manifest fit it byte for byte, so that no hash can notice. (Samples are
 * small: they are held in memory here.)
 */
export async function spoil(
  sealed: Spoilable,
  artifact: string,
  change: (path: string) => Promise<void> | void,
): Promise<VerifiedMember> {
  for (const [name, content] of sealed.originals) await writeFile(join(sealed.folder, name), content);
  const stored = join(sealed.folder, artifact);
  const plain = join(sealed.vaultFolder, 'spoiling');
  await writeFile(plain, zstdDecompressSync(await readFile(stored)));
  await change(plain);
  const content = await readFile(plain);
  const compressed = zstdCompressSync(content);
  await writeFile(stored, compressed);
  return sealed.reseal(({ artifacts }) => {
    const entry = artifacts.find(({ name }) => name === artifact);
    if (!entry) throw new Error(`there is no artifact ${artifact}`);
    entry.bytes = compressed.length;
    entry.contentBytes = content.length;
    entry.sha256 = createHash('sha256').update(compressed).digest('hex');
  });
}

export const spoilDatabase = (sealed: Spoilable, ...sql: string[]) =>
  spoil(sealed, 'grafana.db', (path) => changeDatabase(path, ...sql));

/** Overwrites bytes of a file. */
export async function overwrite(path: string, at: number, bytes: Buffer): Promise<void> {
  const content = await readFile(path);
  bytes.copy(content, at);
  await writeFile(path, content);
}
