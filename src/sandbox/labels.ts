import { ownOwner } from '../kit/owner.ts';

export const drillLabel = 'firedrill.drill';
export const expiresLabel = 'firedrill.expires';
export const ownerLabel = 'firedrill.owner';

/** What each container and volume of a pod carries, so that a reaper finds what a crash left. */
export function podLabels(drillId: string, expires: Date): Record<string, string> {
  return { [drillLabel]: drillId, [expiresLabel]: expires.toISOString(), [ownerLabel]: ownOwner() };
}
