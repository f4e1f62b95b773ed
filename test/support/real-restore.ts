import { join } from 'node:path';
import { expect } from 'chai';
import type { Source } from '../../src/engines/engine.ts';
import type { DrillOrder, DrillService } from '../../src/flow/drill-order.ts';
import { PlannedRestore } from '../../src/flow/restore.ts';
import type { RestoreOrder } from '../../src/flow/restore-order.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { testActivity } from './activity.ts';
import { testKeys } from './member.ts';

/** A vault, and how it is drilled. */
interface Vaulted {
  folder: string;
  order: DrillOrder;
}

export interface RestoreWish {
  replace?: boolean;
  parts?: readonly string[];
  signal?: AbortSignal;
}

/** Restores the newest backup into `target`; what went wrong there is in `error`. */
export async function tryRestore(
  vaulted: Vaulted,
  service: DrillService,
  target: Source<unknown>,
  { replace = false, parts, signal }: RestoreWish = {},
) {
  const order: RestoreOrder = {
    drill: { ...vaulted.order, services: [service] },
    ...{ target, targetName: 'other', reason: 'hardware', unproven: false, timeZone: 'UTC' },
    ...(parts ? { parts } : {}),
    safetyFolder: join(vaulted.folder, 'safety'),
    signingKey: async () => testKeys.privateKey,
    goBack: (folder: string) => `go back with ${folder}`,
  };
  const activity = { ...testActivity(signal), clock: systemClock };
  const planned = await PlannedRestore.make(order, activity);
  return { plan: planned.plan, ...(await planned.run(replace, activity)) };
}

/** As `tryRestore`, and expects that all went well and the target is what was proven. */
export async function restored(vaulted: Vaulted, service: DrillService, target: Source<unknown>, wish?: RestoreWish) {
  const { plan, journal, error } = await tryRestore(vaulted, service, target, wish);
  const bad = journal.restore?.checks.flatMap(({ findings }) => findings.map(({ sentence }) => sentence));
  expect([error?.message, error?.detail, journal.verdict, bad].slice(error ? 0 : 3)).to.deep.equal([[]]);
  expect(journal.verdict.verdict, journal.verdict.sentence).to.equal('pass');
  return { plan, journal };
}
