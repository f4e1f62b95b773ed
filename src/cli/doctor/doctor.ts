import type { Config } from '../../config/config.ts';
import type { Diagnosis } from '../../engines/engine.ts';
import { localHost } from '../../hosts/local.ts';
import type { Activity } from '../../kit/activity.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { TrustedKey } from '../../vault/signature.ts';
import { composeServices, lazyDocker, type Surroundings } from '../compose.ts';
import { imageFor } from '../image-map.ts';
import { readTrustedKeys } from '../keys.ts';
import { openVault, vaultConfigOf } from '../vaults.ts';
import { diagnoseClock } from './clock.ts';
import { diagnoseRoom, diagnoseWritable, placesOf } from './disk.ts';
import { diagnoseDocker, dockerInfo } from './docker.ts';
import { type DoctorGroup, examine, ok } from './examine.ts';
import { diagnoseImage, neededImages } from './images.ts';
import { diagnoseKeys } from './keys.ts';
import { bytesOf, newestManifests } from './newest.ts';
import { diagnoseSource } from './source.ts';
import { diagnoseTelling } from './telling.ts';
import { diagnoseVault } from './vault.ts';

/** How long each part may take; they are looked at side by side. */
const deadlineMs = 45_000;

/** Looks at everything that a backup and a drill need. Nothing is changed; nothing is thrown. */
export async function examineAll(
  config: Config,
  surroundings: Surroundings,
  activity: Activity,
): Promise<DoctorGroup[]> {
  const docker = lazyDocker(surroundings);
  const part = (title: string, look: (signal: AbortSignal) => Promise<Diagnosis[]>) =>
    examine(title, deadlineMs, activity.signal, look);
  activity.tell({ service: null, phase: 'doctor', text: 'looking at this machine and the services' });
  const newest = newestOf(config);
  return Promise.all([
    part('Docker', () => diagnoseDocker(docker, config)),
    part('images', async () => diagnoseImages(config, surroundings, docker, await newest)),
    part('disk', async () => {
      const dockerRoot = await dockerInfo(docker()).then(
        (info) => info.DockerRootDir,
        () => undefined,
      );
      const sizes = bytesOf(await newest);
      const local = config.vaults.flatMap(({ label, kind, folder }) =>
        kind === 'directory' ? [{ label, folder }] : [],
      );
      return Promise.all(placesOf(sizes, { vaults: local, dockerRoot }).map(diagnoseRoom));
    }),
    ...config.vaults.map((vault) =>
      part(`vault ${vault.label}`, async () => diagnoseVault(vault, config.vaults[0] ?? vault, bytesOf(await newest))),
    ),
    part('reports', async () => [await diagnoseWritable('reports', config.reportsFolder)]),
    part('keys', () => diagnoseKeys(config)),
    ...(config.mail || config.notify ? [part('notifications', () => diagnoseTelling(config))] : []),
    part('clock', async (signal) => {
      await using host = localHost();
      return await diagnoseClock(host, config.timeZone, signal);
    }),
    ...composeServices(config, surroundings).map((service) =>
      part(`source ${service.service}`, (signal) => diagnoseSource(service, { ...activity, signal })),
    ),
  ]);
}

/** What the vault holds, as far as it can be read: keys and vault are judged elsewhere. */
async function newestOf(config: Config): Promise<Manifest[]> {
  const trusted: TrustedKey[] = await readTrustedKeys(config).catch(() => []);
  const services = config.services.map((each) => each.service);
  const first = openVault(vaultConfigOf(config));
  return first.then((vault) => newestManifests(vault, services, trusted)).catch(() => []);
}

async function diagnoseImages(
  config: Config,
  { engines }: Surroundings,
  docker: ReturnType<typeof lazyDocker>,
  manifests: readonly Manifest[],
): Promise<Diagnosis[]> {
  const pairs = manifests.flatMap(({ service, engine: name, source }) => {
    const engine = engines.find((each) => each.name === name);
    return engine ? [{ service, image: imageFor(config.drill.images, engine, source.engineVersion) }] : [];
  });
  const own = config.applications.map(({ application, image }) => ({ service: application, image }));
  const needed = neededImages([...pairs, ...own]);
  const found = await Promise.all(needed.map((each) => diagnoseImage(docker(), each, config.drill.pull)));
  return manifests.length > 0 ? found : [ok('known after the first backup: the version decides'), ...found];
}
