import type { Composed } from '../../src/cli/context.ts';
import type { AnyEngine } from '../../src/engines/engine.ts';
import type { DrillOrder } from '../../src/flow/drill-order.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { drillService, noHost } from './drill-fixture.ts';
import { testKeys, trusted } from './member.ts';

export interface ComposedParts {
  heartbeats?: readonly string[];
  order?: DrillOrder;
  /** Absent: one that nobody can make. */
  stateFolder?: string;
}

/** What compose would make for services of one engine; `heartbeats` names those that want one. */
export function composedOf(
  vault: Vault,
  engine: AnyEngine,
  services: readonly string[],
  { heartbeats = services, order, stateFolder = '/dev/null/nowhere' }: ComposedParts = {},
): Composed {
  return {
    timeZone: 'UTC',
    vault,
    vaults: [{ label: vault.label, sameMachineAllowed: false, retentionDays: undefined, open: async () => vault }],
    trusted,
    signingKey: () => Promise.resolve(testKeys.privateKey),
    ledgerKey: () => Promise.resolve(undefined),
    services: services.map((service) => ({
      service,
      engine,
      heartbeat: heartbeats.includes(service),
      objectives: { rpoMs: 3_600_000, retentionDays: 56 },
      connect: async () => ({
        ...{ service, host: noHost, settings: { content: `the text of ${service}` } },
        [Symbol.asyncDispose]: async () => {},
      }),
    })),
    drillOrder: (name, chosen, moment) => ({
      ...(order as DrillOrder),
      ...{ name, services: chosen.map(drillService) },
      ...moment,
    }),
    applications: [],
    targets: [],
    safetyFolder: '/nowhere',
    stateFolder,
    reportsFolder: '/nowhere',
    planted: false,
  };
}
