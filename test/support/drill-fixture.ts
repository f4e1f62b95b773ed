import type { AnyEngine, Source } from '../../src/engines/engine.ts';
import { backUp } from '../../src/flow/backup.ts';
import type { DrillOrder, DrillService } from '../../src/flow/drill-order.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import type { Host } from '../../src/hosts/host.ts';
import type { Activity } from '../../src/kit/activity.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { MemberKind } from '../../src/model/manifest.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { testActivity } from './activity.ts';
import { fileEngine } from './file-engine.ts';
import { images } from './images.ts';
import { testKeys, trusted } from './member.ts';
import { testLimits } from './pod.ts';
import { scratchFolder } from './scratch.ts';

export const noHost: Host = {
  label: 'local',
  run: () => {
    throw new Error('this test runs no tool on its source');
  },
  connect: () => Promise.reject(new Error('this test connects to no source')),
  [Symbol.asyncDispose]: async () => {},
};

/** A vault with one backup of each service by the file engine, and the order to drill them. */
export async function drillFixture(...names: string[]) {
  const scratch = await scratchFolder();
  const vault = directoryVault('onsite', scratch.path);
  const backUpAgain = async (service: string, activity: Activity = testActivity(), engine: AnyEngine = fileEngine) => {
    const source = { service, host: noHost, settings: { content: `the text of ${service}` } };
    return backUp({ engine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC' }, activity);
  };
  /** Backs up as if it were then, and tells what came of it. */
  const backUpAt = (
    service: string,
    at: string,
    content: string,
    kind: MemberKind = 'incremental',
    /** How long the dump takes to come to its instant. */
    lateMs = 0,
  ) => {
    let asked = 0;
    const clock = { ...systemClock, now: () => new Date(Date.parse(at) + (asked++ === 0 ? 0 : lateMs)) };
    const source = { service, host: noHost, settings: { content } };
    const order = { engine: fileEngine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC', kind };
    return backUp(order, { ...testActivity(), clock });
  };
  const members = new Map<string, string>();
  for (const name of names) {
    const { set, service, id } = await backUpAgain(name);
    members.set(name, `${scratch.path}/${set}/${service}/${id}`);
  }
  const order: DrillOrder = {
    name: 'test',
    vault,
    trusted,
    services: names.map(drillService),
    rtoMs: 1_800_000,
    docker: dockerClient(),
    pull: 'never',
    isolation: { addresses: [], names: [] },
    loopbackNames: [],
    also: [],
    walkBack: 6,
  };
  const memberFolder = (service: string) => members.get(service) ?? '';
  return {
    order,
    vault,
    folder: scratch.path,
    memberFolder,
    backUpAgain,
    backUpAt,
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

export function drillService(service: string): DrillService {
  return {
    service,
    engine: fileEngine,
    settings: { content: '' },
    objectives: { rpoMs: 3_600_000, retentionDays: 56 },
    quietMs: 3_600_000,
    host: 'local',
    limits: testLimits,
    imageFor: () => images().influxdb,
  };
}

/** Backs up a real service, in full; returns it as it is drilled, and what its manifest says. */
export async function backedUp(engine: AnyEngine, source: Source<unknown>, vault: Vault, image: string) {
  const order = { engine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC' };
  const { manifest } = await backUp(order, testActivity());
  const { service: name, settings, host } = source;
  const of = { engine, settings, host: host.label, imageFor: () => image };
  return { manifest, service: { ...drillService(name), ...of } satisfies DrillService };
}
