import type { Activity } from '../kit/activity.ts';
import type { HeldLock } from '../kit/lock.ts';
import type { Vault } from '../vault/vault.ts';

/** Takes the vault's lock of a service, and tells of one that somebody had left. */
export async function lockService(
  vault: Vault,
  service: string,
  purpose: string,
  activity: Activity,
): Promise<HeldLock> {
  const lock = await vault.lock(service, purpose);
  if (lock.tookOver !== null) activity.tell({ service, phase: 'lock', text: `taken over: ${lock.tookOver}` });
  return lock;
}
