import { ownOwner } from '../kit/owner.ts';

export const drillLabel = 'firedrill.drill';
export const expiresLabel = 'firedrill.expires';
export const ownerLabel = 'firedrill.owner';

/** Of a game day's stack, which outlives the process that raised it; and the file that says that it was raised … */
export const stackLabel = 'firedrill.stack';
export const keptByLabel = 'firedrill.kept-by';
/** … and that process, which owns the stack until then. */
export const raisedByLabel = 'firedrill.raised-by';

/** What each container and volume of a pod carries, so that a reaper finds what a crash left. */
export function podLabels(drillId: string, expires: Date): Record<string, string> {
  return { [drillLabel]: drillId, [expiresLabel]: expires.toISOString(), [ownerLabel]: ownOwner() };
}

/** The same of a game day's stack. */
export function stackLabels(id: string, expires: Date, keptBy: string): Record<string, string> {
  const until = expires.toISOString();
  return { [stackLabel]: id, [expiresLabel]: until, [keptByLabel]: keptBy, [raisedByLabel]: ownOwner() };
}
