import { verifyMember } from '../flow/verify.ts';
import type { Activity } from '../kit/activity.ts';
import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import { describeMember } from '../model/backup-set.ts';
import type { CheckResult } from '../model/check.ts';
import type { ListedMember } from '../vault/vault.ts';
import { type Composed, chosenServices } from './context.ts';
import { withProgress } from './progress.ts';

export interface VerifiedRow {
  member: string;
  results: CheckResult[];
}

export interface VerifyOptions {
  /** Every member, not only the newest of each service. */
  all: boolean;
}

/** Judges members offline; NO_SUCH_SET when a named service has none. */
export async function runVerify(
  composed: Composed,
  names: readonly string[],
  options: VerifyOptions,
  signal: AbortSignal,
  quiet = false,
): Promise<VerifiedRow[]> {
  const services = chosenServices(composed, names);
  const { members } = await composed.vault.list();
  const chosen = services.flatMap(({ service }) => membersOf(members, service, options.all, composed.vault.label));
  const rows: VerifiedRow[] = [];
  const engineNamed = (name: string) => composed.services.find((each) => each.engine.name === name)?.engine;
  const verifyAll = async (activity: Activity) => {
    for (const member of chosen) {
      activity.tell({ service: member.service, phase: 'verify', text: member.id });
      const results = await verifyMember(composed.vault, member, composed.trusted, engineNamed, activity);
      rows.push({ member: describeMember(member), results });
    }
  };
  const shown = services.map((each) => each.service);
  await withProgress(shown, signal, verifyAll, quiet);
  return rows;
}

function membersOf(members: readonly ListedMember[], service: string, all: boolean, vault: string): ListedMember[] {
  const own = members.filter((each) => each.service === service);
  if (own.length === 0) {
    const hint = `Run: firedrill backup ${service}`;
    throw new FiredrillError('NO_SUCH_SET', `vault ${vault} holds no backup of ${service}`, { hint });
  }
  return all ? own : own.slice(-1);
}

/** 3 when anything is bad, 4 when anything could not be looked at, else 0. */
export function verifyExit(rows: readonly VerifiedRow[]): number {
  const outcomes = rows.flatMap((row) => row.results.map((result) => result.outcome));
  if (outcomes.includes('fail')) return exitStatus.drillFailed;
  return outcomes.every((outcome) => outcome === 'pass') ? exitStatus.pass : exitStatus.inconclusive;
}

/** One line a member and check, with the findings beneath. */
export function verifyLines(rows: readonly VerifiedRow[]): string[] {
  return rows.flatMap(({ member, results }) => [
    member,
    ...results.flatMap((result) => [
      `  ${result.outcome.padEnd(12)} ${result.check}: ${result.lookedAt} of ${result.expected} ${result.subjects}`,
      ...result.findings.map((finding) => `               ${plainLine(finding.sentence)}`),
    ]),
  ]);
}
