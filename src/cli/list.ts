import pMap from 'p-map';
import { problemsOfChain } from '../checks/chain.ts';
import { isFiredrillError, messageOf } from '../kit/errors.ts';
import type { MemberKind } from '../model/manifest.ts';
import { isSealed } from '../model/restore-plan.ts';
import { chainsOf } from '../model/restore-points.ts';
import type { ListedMember } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';
import { type Composed, chosenServices } from './context.ts';

export interface ListedRow {
  set: string;
  service: string;
  member: string;
  /** `sealed`: a genuine manifest; nothing else has been verified. `encrypted`: it was not opened. */
  state: 'sealed' | 'encrypted' | 'not genuine' | 'in progress' | 'foreign';
  /** null where there is no genuine manifest that says it. */
  kind: MemberKind | null;
  /** The member that it was built on. */
  parent: string | null;
  dataAt: string;
  bytes: number | null;
  note: string;
}

/** A full and the increments after it. */
export interface ListedChain {
  set: string;
  service: string;
  members: string[];
  whole: boolean;
  /** What is wrong with it, by its manifests alone: one sentence each. */
  problems: string[];
}

export interface VaultContents {
  members: ListedRow[];
  chains: ListedChain[];
}

/** What lies in the vault, with manifests opened and signatures checked; artifacts are not read. */
export async function runList(composed: Composed, names: readonly string[]): Promise<VaultContents> {
  const services = chosenServices(composed, names).map((each) => each.service);
  const { members, partial, foreign } = await composed.vault.list();
  const contents: VaultContents = { members: [], chains: [] };
  for (const service of services) await listService(composed, service, members, contents);
  const unfinished = partial.filter((each) => services.includes(each.service));
  const others = names.length === 0 ? foreign : [];
  contents.members.push(
    ...unfinished.map(({ set, service, id }) => bare(set, service, id, 'in progress')),
    ...others.map((path) => bare('', '', path, 'foreign')),
  );
  return contents;
}

/** Manifests that are read at once. */
const atOnce = 4;

/** Chain by chain: manifests may be large, and there may be thousands of members. */
async function listService(
  composed: Composed,
  service: string,
  members: readonly ListedMember[],
  contents: VaultContents,
): Promise<void> {
  const own = members.filter((each) => each.service === service);
  const rows = new Map<ListedMember, ListedRow>();
  const openAll = async (chosen: readonly ListedMember[]) => {
    const opened = new Map<ListedMember, VerifiedMember>();
    const open = async (member: ListedMember) => {
      const { row, link } = await openListed(composed, member);
      rows.set(member, row);
      if (link) opened.set(member, link);
    };
    await pMap(chosen, open, { concurrency: atOnce });
    return opened;
  };
  for (const chain of chainsOf(members, service)) {
    contents.chains.push(judged(composed, chain, await openAll(chain), unsealedBehind(chain, own)));
  }
  await openAll(own.filter((each) => !rows.has(each)));
  contents.members.push(...own.flatMap((each) => rows.get(each) ?? []));
}

async function openListed(
  { vault, trusted }: Composed,
  member: ListedMember,
): Promise<{ row: ListedRow; link?: VerifiedMember }> {
  const row = bare(member.set, member.service, member.id, 'not genuine');
  row.bytes = member.files.reduce((sum, file) => sum + file.bytes, 0);
  try {
    const link = await VerifiedMember.open(vault, member, trusted);
    const { kind, parent, dataAt } = link.manifest;
    return { row: { ...row, state: 'sealed', kind, parent: parent?.id ?? null, dataAt }, link };
  } catch (error) {
    if (!isFiredrillError(error)) throw error;
    const state = isFiredrillError(error, 'KEY_INVALID', 'KEY_WRONG') ? 'encrypted' : 'not genuine';
    return { row: { ...row, state, note: messageOf(error) } };
  }
}

/** Members' folders without a manifest from a chain's full up to the next full: the chain went on there. */
function unsealedBehind(chain: readonly ListedMember[], own: readonly ListedMember[]): readonly ListedMember[] {
  const from = own.slice(own.indexOf(chain[0] as ListedMember) + 1);
  const next = from.findIndex((each) => isSealed(each) && !chain.includes(each));
  return (next < 0 ? from : from.slice(0, next)).filter((each) => !isSealed(each) && each.set === chain[0]?.set);
}

function judged(
  { services }: Composed,
  chain: readonly ListedMember[],
  opened: ReadonlyMap<ListedMember, VerifiedMember>,
  unsealed: readonly ListedMember[],
): ListedChain {
  const [{ set, service } = { set: '', service: '' }] = chain;
  const members = chain.map((each) => each.id);
  const links = chain.flatMap((each) => opened.get(each) ?? []);
  const strange = chain
    .filter((each) => !opened.has(each))
    .map(({ id }) => `${id} is not genuine, or could not be opened`);
  const { increments } = services.find((each) => each.service === service)?.engine ?? {};
  // Beside a member that is not genuine, what builds on it would only seem to be without a parent.
  const linked =
    strange.length > 0 ? strange : sentences(links, increments?.dependence ?? 'previous', increments?.discontinuity);
  const problems = [...linked, ...unsealed.map(({ id }) => `${id} has no manifest, and cannot be used`)];
  return { set, service, members, whole: problems.length === 0, problems };
}

function sentences(...judge: Parameters<typeof problemsOfChain>): string[] {
  return problemsOfChain(...judge).map((problem) => problem.sentence);
}

function bare(set: string, service: string, member: string, state: ListedRow['state']): ListedRow {
  return { set, service, member, state, kind: null, parent: null, dataAt: '', bytes: null, note: '' };
}
