import type { Dependence, Link } from './chain.ts';
import { chainProblems, maxChainMs } from './chain.ts';

/** What the next backup of a service is: a full, or an increment on a chain. */
export type BackupPlan<L extends Link> =
  | { kind: 'full'; because: string | null }
  | { kind: 'incremental'; chain: readonly L[] };

export interface BackupWish<L extends Link> {
  /** `incremental` is a wish: where it cannot be had, the full is made. */
  kind: 'full' | 'incremental';
  /** undefined for an engine that makes fulls only. */
  dependence: Dependence | undefined;
  /** The genuine members of this week's set, from its newest full on; empty when there is no full. */
  links: readonly L[];
  /** Why a member of this week could not be opened, if one could not. */
  unreadable: string | undefined;
  startedAt: Date;
}

/** Pure. `because` says why an increment that was wished for is not made; null when a full was asked for. */
export function planBackup<L extends Link>(wish: BackupWish<L>): BackupPlan<L> {
  const { kind, dependence, links, unreadable, startedAt } = wish;
  if (kind === 'full' || dependence === undefined) return { kind: 'full', because: null };
  const promoted = (because: string): BackupPlan<L> => ({ kind: 'full', because });
  if (unreadable !== undefined) return promoted(unreadable);
  const [full] = links;
  if (!full) return promoted('this week has no full backup yet');
  const problem = chainProblems(links, dependence)[0];
  if (problem) return promoted(problem.sentence);
  if (startedAt.getTime() - Date.parse(full.manifest.startedAt) > maxChainMs) {
    return promoted(`the full ${full.manifest.id} is more than a week old`);
  }
  const newest = links.at(-1)?.manifest;
  if (newest && Date.parse(newest.startedAt) > startedAt.getTime()) {
    return promoted(`${newest.id} began later than it is now: a clock was set`);
  }
  return { kind: 'incremental', chain: links };
}
