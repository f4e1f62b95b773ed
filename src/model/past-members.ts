import type { Journal, MemberRecord } from './journal.ts';
import type { MemberMeasures } from './measures.ts';
import { drilledServices } from './proof.ts';

/** A member with its measures. */
export type MeasuredMember = MemberRecord & { measures: MemberMeasures };

/** A member that a drill has restored, and found good. */
export type PastMember = MeasuredMember & { service: string };

/** What a journal has verified: of a service that did not pass, nothing. */
export function verifiedMembers(journal: Journal): PastMember[] {
  const passed = drilledServices(journal).filter(({ outcome }) => outcome === 'pass');
  const names = new Set(passed.map(({ service }) => service));
  return journal.services
    .filter(({ service }) => names.has(service))
    .flatMap(({ service, members }) =>
      members.flatMap((member) => (isMeasured(member) ? [{ ...member, service }] : [])),
    );
}

/** Journals of earlier versions have none. */
function isMeasured(member: MemberRecord): member is MeasuredMember {
  return member.measures !== undefined;
}
