import { manifestFile, parseMemberId } from './backup-set.ts';
import type { PlannedMember } from './restore-plan.ts';

/** Restore points of a service, oldest first, chain by chain. By names alone. Pure. */
export function chainsOf<M extends PlannedMember>(members: readonly M[], service: string): M[][] {
  const chains: M[][] = [];
  for (const member of members) {
    if (member.service !== service || !member.files.some((file) => file.name === manifestFile)) continue;
    const current = chains.at(-1);
    const goesOn = parseMemberId(member.id)?.kind === 'incremental' && current?.[0]?.set === member.set;
    if (goesOn) current.push(member);
    else chains.push([member]);
  }
  return chains;
}

/** The newest point of the longest chain of the newest week, if that is another chain than the newest one. */
export function endOfLongestChain<M extends PlannedMember>(chains: readonly (readonly M[])[]): M | undefined {
  const newest = chains.at(-1);
  const week = chains.filter((chain) => chain[0]?.set === newest?.[0]?.set);
  const longest = week.toSorted((a, b) => b.length - a.length)[0];
  return longest === newest || longest?.length === newest?.length ? undefined : longest?.at(-1);
}

/**
 * The longest time between two neighbouring points of which the later one is newer than `since`, up to `until`; null when
 * there are fewer than two. By the instants at which they were begun.
 */
export function largestGapMs(chains: readonly (readonly PlannedMember[])[], since: Date, until: Date): number | null {
  const starts = chains.flat().map((point) => parseMemberId(point.id)?.startedAt.getTime() ?? Number.NaN);
  const inTime = starts.filter((ms) => ms <= until.getTime());
  const gaps = inTime.slice(1).flatMap((ms, i) => (ms > since.getTime() ? [ms - (inTime[i] ?? ms)] : []));
  return gaps.length === 0 ? null : Math.max(...gaps);
}

/** One of all points but the newest; `random` is in [0, 1). undefined when there is no older one. */
export function olderPoint<M>(chains: readonly (readonly M[])[], random: number): M | undefined {
  const older = chains.flat().slice(0, -1);
  return older[Math.floor(random * older.length)];
}
