import { checkChain, problemsOfChain } from '../checks/chain.ts';
import { openAndVerify } from '../flow/verify.ts';
import type { Activity } from '../kit/activity.ts';
import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import { describeMember, manifestFile } from '../model/backup-set.ts';
import type { Link } from '../model/chain.ts';
import { type CheckResult, notRun } from '../model/check.ts';
import { chainsOf } from '../model/restore-points.ts';
import type { ListedMember } from '../vault/vault.ts';
import { type Composed, type ComposedService, chosenServices } from './context.ts';
import { withProgress } from './progress.ts';

/** What was judged of one member, or of a chain as a whole. */
export interface VerifiedRow {
  /** Of a chain: its first member. */
  member: string;
  /** How many members a chain has; null for a row of one member. */
  chainOf: number | null;
  results: CheckResult[];
}

export interface VerifyOptions {
  /** Every chain, not only the newest of each service. */
  all: boolean;
}

/** Judges chains offline, each member once; NO_SUCH_SET when a named service has none. */
export async function runVerify(
  composed: Composed,
  names: readonly string[],
  options: VerifyOptions,
  signal: AbortSignal,
  quiet = false,
): Promise<VerifiedRow[]> {
  const services = chosenServices(composed, names);
  const { members } = await composed.vault.list();
  const chosen = services.map((each) => ({
    service: each,
    chains: chosenChains(members, each.service, options.all, composed.vault.label),
  }));
  const rows: VerifiedRow[] = [];
  const verifyAll = async (activity: Activity) => {
    for (const { service, chains } of chosen) {
      for (const chain of chains) rows.push(...(await verifyChain(composed, service, chain, activity)));
    }
  };
  const shown = services.map((each) => each.service);
  await withProgress(shown, signal, verifyAll, quiet);
  return rows;
}

/** The newest chain, and with it whatever lies beside it without a manifest; or all. */
function chosenChains(
  members: readonly ListedMember[],
  service: string,
  all: boolean,
  vault: string,
): (readonly ListedMember[])[] {
  const own = members.filter((each) => each.service === service);
  if (own.length === 0) {
    const hint = `Run: firedrill backup ${service}`;
    throw new FiredrillError('NO_SUCH_SET', `vault ${vault} holds no backup of ${service}`, { hint });
  }
  const chains = chainsOf(own, service);
  const unsealed = own.filter((each) => !each.files.some((file) => file.name === manifestFile)).map((each) => [each]);
  if (all) return [...chains, ...unsealed];
  const newest = chains.at(-1) ?? [];
  const from = own.indexOf(newest[0] as ListedMember);
  return [newest, ...unsealed.filter(([each]) => own.indexOf(each as ListedMember) > from)].filter((c) => c.length > 0);
}

async function verifyChain(
  composed: Composed,
  { service, engine }: ComposedService,
  chain: readonly ListedMember[],
  activity: Activity,
): Promise<VerifiedRow[]> {
  const engineNamed = (name: string) => composed.services.find((each) => each.engine.name === name)?.engine;
  const rows: VerifiedRow[] = [];
  const links: Link[] = [];
  for (const listed of chain) {
    activity.tell({ service, phase: 'verify', text: listed.id });
    const { results, member } = await openAndVerify(composed.vault, listed, composed.trusted, engineNamed, activity);
    // The chain is judged without them.
    if (member) links.push(member.forgetFacts());
    rows.push({ member: describeMember(listed), chainOf: null, results });
  }
  const result =
    links.length < chain.length
      ? notRun('chain', service, `${count(chain.length - links.length, 'member')} of the chain could not be opened`)
      : judgeChain(service, links, engine);
  const [first] = rows;
  return first ? [...rows, { member: first.member, chainOf: chain.length, results: [result] }] : rows;
}

function judgeChain(service: string, links: readonly Link[], { increments }: ComposedService['engine']): CheckResult {
  const dependence = increments?.dependence ?? 'previous';
  return checkChain(service, links.length, problemsOfChain(links, dependence, increments?.discontinuity));
}

/** 3 when anything is bad, 4 when anything could not be looked at, else 0. */
export function verifyExit(rows: readonly VerifiedRow[]): number {
  const outcomes = rows.flatMap((row) => row.results.map((result) => result.outcome));
  if (outcomes.includes('fail')) return exitStatus.drillFailed;
  return outcomes.every((outcome) => outcome === 'pass') ? exitStatus.pass : exitStatus.inconclusive;
}

/** One line a member and check, with the findings beneath. */
export function verifyLines(rows: readonly VerifiedRow[]): string[] {
  return rows.flatMap(({ member, chainOf, results }) => [
    chainOf === null ? member : `chain of ${count(chainOf, 'member')} from ${member}`,
    ...results.flatMap((result) => [
      `  ${result.outcome.padEnd(12)} ${result.check}: ${result.lookedAt} of ${result.expected} ${result.subjects}`,
      ...result.findings.map((finding) => `               ${plainLine(finding.sentence)}`),
    ]),
  ]);
}
