import { count } from '../../kit/text.ts';
import type { MeasuredMember } from '../../model/past-members.ts';
import { type Aspect, aspects } from './aspects.ts';
import { unusual } from './norm.ts';
import { isEnough, normDays, words } from './past.ts';

/** A member by one of its aspects, against those that are the norm for it. */
export interface Compared {
  member: MeasuredMember;
  what: string;
  expected: string;
  found: string;
  /** In words, without the service; undefined: it is as usual. */
  unusual: string | undefined;
}

/** By all aspects for which there is a norm. */
export function comparisonsOf(member: MeasuredMember, past: readonly MeasuredMember[]): Compared[] {
  return aspects.flatMap((aspect) => {
    const value = aspect.of(member);
    const peers = peersOf(member, aspect, past);
    const isNorm = isEnough(peers, aspect.among === 'all' ? 'all' : member.kind);
    return value !== undefined && isNorm ? [compare(member, aspect, value, peers)] : [];
  });
}

/** Those with which a member is compared; none where its kind has no norm. */
export function peersOf(member: MeasuredMember, { among, of }: Aspect, past: readonly MeasuredMember[]) {
  if (among === 'fulls' && member.kind !== 'full') return [];
  return past.filter((each) => (among === 'all' || each.kind === member.kind) && of(each) !== undefined);
}

function compare(
  member: MeasuredMember,
  { verb, of, say, among, only, tolerance }: Aspect,
  value: number,
  peers: readonly MeasuredMember[],
): Compared {
  const values = peers.map((each) => of(each) ?? Number.NaN);
  const [least, most] = [say(Math.min(...values), member), say(Math.max(...values), member)];
  const expected = least === most ? least : `${least} to ${most}`;
  const found = say(value, member);
  const way = unusual(value, values, tolerance[member.kind]);
  const others = count(peers.length, `verified ${among === 'all' ? 'backup' : words[member.kind]}`);
  const sentence = `${member.id} ${verb} ${found}, and ${others} of the last ${normDays} days ${verb} ${expected}`;
  const isUnusual = way !== undefined && (only ?? way) === way;
  return { member, what: `${member.id} ${verb}`, expected, found, unusual: isUnusual ? sentence : undefined };
}
