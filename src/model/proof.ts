import type { MemberRef } from './backup-set.ts';
import type { CheckId } from './check.ts';
import type { Journal, ServiceRecord, VerdictWord } from './journal.ts';

/** What drills have proven of a vault's members. Pure. */

/** A member that came back whole in a drill. The hash binds the proof to bytes: another manifest was not proven. */
export interface ProvenMember extends MemberRef {
  manifestSha256: string;
}

/** What one drill says of one service; small enough to be kept for many drills. */
export interface DrilledService {
  /** The drill's id. */
  drill: string;
  vault: string;
  /** When the drill was begun. */
  startedAt: string;
  service: string;
  /** Of this service alone: another one's failure is not held against it. */
  outcome: VerdictWord;
  /** Whether the newest restore point was drilled; else one of somebody's choice. */
  ofNewestPoint: boolean;
  /** What was restored, the full first. */
  members: ProvenMember[];
}

export interface ServiceProof {
  /** Of drills that passed, the newest drill first. */
  proven: ProvenMember[];
  /**
   * The newest drill that decides: of the newest point, or of an older one that did not pass, since a good older point
   * does not mend a bad newest one. null when there was none.
   */
  newest: DrilledService | null;
}

/** Checks of the drill as a whole without which nothing that it found is evidence. */
export const checksOfEvidence: readonly CheckId[] = ['isolation', 'self-check', 'planted'];

/** What a journal says of each of its services; nothing when it is a real restore's. */
export function drilledServices(journal: Journal): DrilledService[] {
  if (journal.restore) return [];
  const { id: drill, vault, startedAt } = journal.drill;
  return journal.services.map((record) => ({
    ...{ drill, vault, startedAt, service: record.service },
    outcome: outcomeOf(journal, record),
    ofNewestPoint: isOfNewestPoint(journal, record.service),
    members: record.members.flatMap(({ id, manifestSha256 }) =>
      record.set === null ? [] : [{ set: record.set, service: record.service, id, manifestSha256 }],
    ),
  }));
}

/** A drill of an instant (`--at`) has another moment than its start; one to just before a change judges no age. */
export function isOfNewestPoint({ drill, checks, restore }: Journal, service: string): boolean {
  return (
    !restore &&
    drill.asOf === drill.startedAt &&
    checks.some((each) => each.check === 'rpo' && each.service === service)
  );
}

function outcomeOf(journal: Journal, { service, members, readyMs }: ServiceRecord): VerdictWord {
  const own = journal.checks.filter((each) => each.service === service);
  const whole = journal.checks.filter((each) => each.service === null && checksOfEvidence.includes(each.check));
  const older = journal.excursions.filter((each) => each.service === service && each.reason !== 'last-good');
  const outcomes = [...own, ...whole].map((each) => each.outcome).concat(older.map((each) => each.verdict));
  const { usedMs, objectiveMs } = journal.rto;
  const isLate = usedMs !== null && usedMs > objectiveMs;
  if (isLate || outcomes.includes('fail')) return 'fail';
  const isBack = own.length > 0 && members.length > 0 && readyMs !== null;
  return isBack && outcomes.every((outcome) => outcome === 'pass') ? 'pass' : 'inconclusive';
}

/** What drills of this vault have proven of a service. `history`: newest first. */
export function proofOf(history: readonly DrilledService[], vault: string, service: string): ServiceProof {
  const own = history.filter((each) => each.vault === vault && each.service === service);
  return {
    proven: own.flatMap(({ outcome, members }) => (outcome === 'pass' ? members : [])),
    newest: own.find(({ outcome, ofNewestPoint }) => ofNewestPoint || outcome !== 'pass') ?? null,
  };
}

/** Whether a drill restored exactly this member, with this manifest. */
export function isProven({ proven }: ServiceProof, ref: MemberRef, manifestSha256: string): boolean {
  return proven.some(
    (each) =>
      each.set === ref.set &&
      each.service === ref.service &&
      each.id === ref.id &&
      each.manifestSha256 === manifestSha256,
  );
}
