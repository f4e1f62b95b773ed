import type { AnyEngine, RestoreTarget } from '../../src/engines/engine.ts';
import type { Session } from '../../src/engines/mysql/client.ts';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { sandboxOf } from '../../src/engines/mysql/restore.ts';
import type { MysqlSettings } from '../../src/engines/mysql/settings.ts';
import { type BackedUp, backUp } from '../../src/flow/backup.ts';
import { drill } from '../../src/flow/drill.ts';
import type { DrillOrder } from '../../src/flow/drill-order.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { Journal } from '../../src/model/journal.ts';
import type { MemberKind } from '../../src/model/manifest.ts';
import { planRestore } from '../../src/model/restore-plan.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { testActivity } from './activity.ts';
import { images } from './images.ts';
import { testKeys, trusted } from './member.ts';
import type { MysqlServer } from './mysql-server.ts';
import { testLimits, withBay } from './pod.ts';
import { scratchFolder } from './scratch.ts';

/** A vault with backups of a real MySQL server, and drills of them. `await using` removes it. */
export async function mysqlVault(
  server: MysqlServer,
  databases: readonly string[],
  settings: Partial<MysqlSettings> = {},
) {
  const scratch = await scratchFolder();
  const vault = directoryVault('onsite', scratch.path);
  const source = server.source({ databases: [...databases], ...settings });
  const clock = systemClock;
  const backup = async (kind: MemberKind = 'incremental'): Promise<BackedUp> => {
    const engine = mysqlEngine as AnyEngine;
    const order = { engine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC', kind };
    return backUp(order, { ...testActivity(), clock });
  };
  const order: DrillOrder = {
    name: 'test',
    vault,
    trusted,
    services: [
      {
        service: source.service,
        engine: mysqlEngine,
        settings: source.settings,
        objectives: { rpoMs: 3_600_000, retentionDays: 56 },
        quietMs: null,
        host: source.host.label,
        limits: testLimits,
        imageFor: () => images().mysql,
      },
    ],
    rtoMs: 1_800_000,
    docker: dockerClient(),
    pull: 'never',
    isolation: { addresses: [], names: [] },
    loopbackNames: [],
    also: [],
    walkBack: 6,
  };
  const drilled = (change: Partial<DrillOrder> = {}): Promise<Journal> =>
    drill({ ...order, ...change }, { ...testActivity(), clock });
  /** Restores as a drill does, to what was newest at `started` or to `target`, and looks at the server. */
  const restored = async <T>(
    started: Date,
    target: RestoreTarget | undefined,
    look: (session: Session) => Promise<T>,
  ) => {
    const plan = planRestore((await vault.list()).members, source.service, started, target?.at !== undefined);
    const chain = await Promise.all(plan.chain.map((each) => VerifiedMember.open(vault, each, trusted)));
    return withBay({ service: source.service, image: images().mysql }, async (bay) => {
      const server = await mysqlEngine.restore(chain, bay, testActivity(), target);
      await using session = await sandboxOf(server).connect();
      // Awaited here: the session must outlive the look.
      return await look(session);
    });
  };
  return {
    vault,
    restored,
    folder: scratch.path,
    source,
    backup,
    order,
    drilled,
    [Symbol.asyncDispose]: scratch[Symbol.asyncDispose],
  };
}

/** All that is not well, in words; empty for a pass. */
export function troublesOf(journal: Journal): string[] {
  return journal.checks
    .filter((each) => each.outcome !== 'pass')
    .flatMap((each) =>
      each.findings.map(
        ({ sentence, expected, found }) => `${each.outcome} ${each.check}: ${sentence} (${expected} / ${found})`,
      ),
    );
}
