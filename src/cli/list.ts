import pMap from 'p-map';
import { problemsOfChain } from '../checks/chain.ts';
import { isFiredrillError, messageOf } from '../kit/errors.ts';
import type { ChainJudge, KnownManifests } from '../model/known-manifests.ts';
import type { MemberKind } from '../model/manifest.ts';
import { isSealed } from '../model/restore-plan.ts';
import { chainsOf } from '../model/restore-points.ts';
import { type OpenedRecord, openRecord } from '../vault/open-record.ts';
import type { ListedMember } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';
import { type Composed, type ComposedService, chosenServices } from './context.ts';
import { keepKnown, readKnown } from './known-file.ts';

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
  const services = chosenServices(composed, names);
  const { members, partial, foreign } = await composed.vault.list();
  const known = await readKnown(composed);
  const contents: VaultContents = { members: [], chains: [] };
  for (const service of services) await new ServiceList(composed, service, members, known).addTo(contents);
  await keepKnown(composed, known, members);
  const unfinished = partial.filter((each) => services.some(({ service }) => service === each.service));
  const others = names.length === 0 ? foreign : [];
  contents.members.push(
    ...unfinished.map(({ set, service, id }) => bare(set, service, id, 'in progress')),
    ...others.map((path) => bare('', '', path, 'foreign')),
  );
  return contents;
}

/** Manifests that are read at once. */
const atOnce = 4;

/** What lies in the vault of one service. */
class ServiceList {
  readonly #composed: Composed;
  readonly #service: ComposedService;
  readonly #own: readonly ListedMember[];
  readonly #known: KnownManifests;
  readonly #rows = new Map<ListedMember, ListedRow>();

  constructor(composed: Composed, service: ComposedService, members: readonly ListedMember[], known: KnownManifests) {
    this.#composed = composed;
    this.#service = service;
    this.#own = members.filter((each) => each.service === service.service);
    this.#known = known;
  }

  /** Chain by chain: manifests may be large, and there may be thousands of members. */
  async addTo(contents: VaultContents): Promise<void> {
    for (const chain of chainsOf(this.#own, this.#service.service)) contents.chains.push(await this.#judged(chain));
    await this.#openAll(this.#own.filter((each) => !this.#rows.has(each)));
    contents.members.push(...this.#own.flatMap((each) => this.#rows.get(each) ?? []));
  }

  async #judged(chain: readonly ListedMember[]): Promise<ListedChain> {
    const links = await this.#openAll(chain);
    const [{ set, service } = { set: '', service: '' }] = chain;
    const strange = chain.filter((_, i) => !links[i]).map(({ id }) => `${id} is not genuine, or could not be opened`);
    // Beside a member that is not genuine, what builds on it would only seem to be without a parent.
    const linked =
      strange.length > 0
        ? strange
        : await this.#problemsOf(
            chain,
            links.flatMap((link) => link ?? []),
          );
    const unsealed = unsealedBehind(chain, this.#own).map(({ id }) => `${id} has no manifest, and cannot be used`);
    const problems = [...linked, ...unsealed];
    return { set, service, members: chain.map((each) => each.id), whole: problems.length === 0, problems };
  }

  /** Opens all manifests of a chain, unless just these were judged before. */
  async #problemsOf(chain: readonly ListedMember[], links: readonly OpenedRecord[]): Promise<readonly string[]> {
    const [full] = chain as [ListedMember];
    const { name: engine, increments } = this.#service.engine;
    const judge: ChainJudge = { engine, dependence: increments?.dependence ?? 'previous' };
    const manifests = links.map(({ record }) => record.manifestSha256);
    const before = this.#known.problemsOf(full, judge, manifests);
    if (before) return before;
    const { vault, trusted } = this.#composed;
    const open = async (listed: ListedMember, i: number) => {
      const member = links[i]?.member ?? (await VerifiedMember.open(vault, listed, trusted));
      return member.forgetFacts();
    };
    const opened = await pMap(chain, open, { concurrency: atOnce });
    const found = problemsOfChain(opened, increments?.dependence ?? 'previous', increments?.discontinuity);
    const problems = found.map((problem) => problem.sentence);
    this.#known.learnChain(
      full,
      judge,
      opened.map((each) => each.manifestSha256),
      problems,
    );
    return problems;
  }

  /** undefined for those that are not genuine. */
  #openAll(chosen: readonly ListedMember[]): Promise<(OpenedRecord | undefined)[]> {
    const open = async (member: ListedMember) => {
      const { row, link } = await openListed(this.#composed, member, this.#known);
      this.#rows.set(member, row);
      return link;
    };
    return pMap(chosen, open, { concurrency: atOnce });
  }
}

async function openListed(
  { vault, trusted }: Composed,
  listed: ListedMember,
  known: KnownManifests,
): Promise<{ row: ListedRow; link?: OpenedRecord }> {
  const row = bare(listed.set, listed.service, listed.id, 'not genuine');
  row.bytes = listed.files.reduce((sum, file) => sum + file.bytes, 0);
  try {
    const link = await openRecord(vault, listed, trusted, known);
    link.member?.forgetFacts();
    const { kind, parentId, dataAt } = link.record;
    return { row: { ...row, state: 'sealed', kind, parent: parentId, dataAt }, link };
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

function bare(set: string, service: string, member: string, state: ListedRow['state']): ListedRow {
  return { set, service, member, state, kind: null, parent: null, dataAt: '', bytes: null, note: '' };
}
