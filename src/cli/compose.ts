import type { Config, Reach, ServiceConfig } from '../config/config.ts';
import type { AnyEngine, Source } from '../engines/engine.ts';
import type { DrillService } from '../flow/drill-order.ts';
import { dockerHost } from '../hosts/docker.ts';
import { type Docker, dockerClient } from '../hosts/docker-client.ts';
import type { Host } from '../hosts/host.ts';
import { localHost } from '../hosts/local.ts';
import { sshHost } from '../hosts/ssh.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { Composed, ComposedService, ComposedTarget } from './context.ts';
import { imageFor } from './image-map.ts';
import { readLedgerKey, readPrivateKey, readTrustedKeys } from './keys.ts';
import { openVault, sshLoginOf, vaultConfigOf } from './vaults.ts';

/** What compose needs beside the configuration: what there is, and where Docker is. */
export interface Surroundings {
  engines: readonly AnyEngine[];
  /** In the form of DOCKER_HOST. */
  dockerHost: string | undefined;
}

/** Which vault is worked with. */
export interface VaultChoice {
  /** Its name; absent: the first, where backups are made. */
  from?: string;
  /** File of a private key of age that opens it. */
  identityFile?: string;
}

/** Configuration → hosts, engines, vault, keys. Public keys are read here; nothing is connected before it is needed. */
export async function compose(config: Config, surroundings: Surroundings, choice: VaultChoice = {}): Promise<Composed> {
  const docker = lazyDocker(surroundings);
  const vault = await openVault(vaultConfigOf(config, choice.from), choice.identityFile);
  const trusted = await readTrustedKeys(config);
  const services = composeServices(config, surroundings);
  const { rtoMs, pull, isolation, loopbackNames, also, walkBack } = config.drill;
  return {
    timeZone: config.timeZone,
    vault,
    vaults: config.vaults.map((each) => ({
      label: each.label,
      sameMachineAllowed: each.sameMachineAllowed,
      retentionDays: each.retentionDays,
      open: () => openVault(each),
    })),
    trusted,
    signingKey: () => readPrivateKey(config),
    ledgerKey: () => readLedgerKey(config),
    services,
    drillOrder: (name, chosen, moment = {}) => ({
      ...{ name, vault, trusted, rtoMs, pull, isolation, loopbackNames, also, walkBack },
      docker: docker(),
      services: config.services
        .filter(({ service }) => chosen.includes(service))
        .map((each) => drillService(each, config, engineOf(each, surroundings.engines))),
      ...moment,
    }),
    applications: config.applications,
    targets: composeTargets(config, surroundings),
    safetyFolder: config.safetyFolder,
    stateFolder: config.schedules.stateFolder,
    reportsFolder: config.reportsFolder,
    planted: config.drill.planted,
  };
}

/** The services with their engines and sources; needs no keys. */
export function composeServices(config: Config, surroundings: Surroundings): ComposedService[] {
  const docker = lazyDocker(surroundings);
  return config.services.map((each) => ({
    service: each.service,
    engine: engineOf(each, surroundings.engines),
    heartbeat: each.heartbeat,
    objectives: each.objectives,
    connect: () => connected(each, docker),
  }));
}

function composeTargets(config: Config, surroundings: Surroundings): ComposedTarget[] {
  const docker = lazyDocker(surroundings);
  return config.targets.map(({ target, engine, reach, settings }) => ({
    ...{ target, engine },
    connect: async (service) => connected({ service, reach, settings }, docker),
  }));
}

/** A client that is made at its first use: a wrong DOCKER_HOST concerns only what needs Docker. */
export function lazyDocker({ dockerHost }: Surroundings): () => Docker {
  let client: Docker | undefined;
  return () => {
    client ??= dockerClient({ dockerHost });
    return client;
  };
}

function engineOf({ service, engine: name }: ServiceConfig, engines: readonly AnyEngine[]): AnyEngine {
  const engine = engines.find((each) => each.name === name);
  if (!engine) throw new FiredrillError('CONFIG_INVALID', `services.${service}: there is no engine ${name}`);
  return engine;
}

async function connected(
  { service, reach, settings }: Pick<ServiceConfig, 'service' | 'reach' | 'settings'>,
  docker: () => Docker,
): Promise<Source<unknown> & AsyncDisposable> {
  const host = await hostOf(reach, docker);
  return { service, host, settings, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
}

/** The label that backups of a service carry and drills expect: the same whether or not anything is connected. */
export function hostLabel(reach: Reach): string {
  if (reach.kind === 'local') return 'local';
  return reach.kind === 'docker' ? `docker:${reach.container}` : `ssh:${reach.host}`;
}

async function hostOf(reach: Reach, docker: () => Docker): Promise<Host> {
  const label = hostLabel(reach);
  if (reach.kind === 'local') return localHost();
  if (reach.kind === 'docker') return dockerHost({ container: reach.container, client: docker(), label });
  return sshHost({ ...(await sshLoginOf(reach)), knownHostsFile: reach.knownHostsFile, label });
}

function drillService(each: ServiceConfig, config: Config, engine: AnyEngine): DrillService {
  const { service, settings, objectives, limits, checks, usualSinceMs, reach } = each;
  return {
    ...{ service, engine, settings, objectives, limits, checks, usualSinceMs },
    quietMs: each.quietMs === undefined ? engine.quietMs : each.quietMs,
    host: hostLabel(reach),
    imageFor: (version) => imageFor(config.drill.images, engine, version),
  };
}
