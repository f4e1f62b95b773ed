import { count } from '../../kit/text.ts';
import type { MemberKind } from '../../model/manifest.ts';
import type { MeasuredMember } from '../../model/past-members.ts';

const dayMs = 86_400_000;
/** What is older is no norm any more. */
export const normDays = 30;
/** From so many verified members, over a week at least, it can be told what is usual: each day of the week was seen. */
const enough: Record<MemberKind, number> = { full: 3, incremental: 6 };
const enoughMs = 7 * dayMs - 3_600_000;
export const words: Record<MemberKind, string> = { full: 'full', incremental: 'increment' };

/** Of what drills have verified: of the 30 days before `newest`, as long as things are as usual, each member once. */
export function normsFor(
  newest: MeasuredMember,
  past: readonly MeasuredMember[],
  except: readonly MeasuredMember[],
  usualSinceMs: number,
): MeasuredMember[] {
  const until = Date.parse(newest.dataAt);
  const since = Math.max(until - normDays * dayMs, usualSinceMs);
  const inTime = past.filter(({ dataAt }) => Date.parse(dataAt) >= since && Date.parse(dataAt) <= until);
  const byHash = new Map(inTime.map((each) => [each.manifestSha256, each]));
  for (const { manifestSha256 } of except) byHash.delete(manifestSha256);
  return [...byHash.values()];
}

/** Whether members of a kind, or of both, make a norm. */
export function isEnough(members: readonly MeasuredMember[], kind: MemberKind | 'all'): boolean {
  const own = kind === 'all' ? members : members.filter((each) => each.kind === kind);
  const instants = own.map(({ dataAt }) => Date.parse(dataAt));
  const spanMs = Math.max(...instants) - Math.min(...instants);
  return own.length >= enough[kind === 'all' ? 'full' : kind] && spanMs >= enoughMs;
}

export function sayTooFew(service: string, kind: MemberKind, members: readonly MeasuredMember[]): string {
  const n = members.filter((each) => each.kind === kind).length;
  const known = `drills of the last ${normDays} days have verified ${count(n, words[kind])} before it`;
  return `${service}: what is usual for its ${words[kind]}s cannot be told yet: ${known}; it takes ${enough[kind]}, over a week`;
}
