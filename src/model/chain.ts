import type { Manifest } from './manifest.ts';

/**
 * Chains of one full and its increments. Pure. A chain lies in one set and never crosses a full; so it is a week long at
 * most, whatever fails.
 */

/** What an increment of an engine builds on: the member before it, or the chain's full (a differential). */
export type Dependence = 'previous' | 'full';

export const maxChainMs = 7 * 86_400_000;

/** One genuine member, as its chain sees it. */
export interface Link {
  manifest: Manifest;
  /** SHA-256 of the manifest file, lower-case hex. */
  manifestSha256: string;
}

export interface ChainProblem {
  kind: 'no-full' | 'second-full' | 'gap' | 'fork' | 'other-parent' | 'foreign' | 'order' | 'too-long';
  /** The member that cannot be used, and with it whatever builds on it. */
  id: string;
  /** One plain sentence without the service's name. */
  sentence: string;
  expected: string;
  found: string;
}

/** What an increment must be built on; undefined for the first member. */
function parentOf<L extends Link>(links: readonly L[], index: number, dependence: Dependence): L | undefined {
  return dependence === 'previous' ? links[index - 1] : links[0];
}

/** The members that are needed to restore `links[index]`, the full first. `links` is one chain in the order of start. */
export function neededFor<L extends Link>(links: readonly L[], index: number, dependence: Dependence): L[] {
  if (dependence === 'previous') return links.slice(0, index + 1);
  return links.filter((_, i) => i === 0 || i === index);
}

/** All that is wrong with a chain: one full, then increments in the order of their start. */
export function chainProblems(links: readonly Link[], dependence: Dependence): ChainProblem[] {
  return links.flatMap((link, index) =>
    index === 0 ? problemsOfFirst(link) : problemsOfNext(links, index, link, dependence),
  );
}

function problemsOfFirst({ manifest: { id, kind } }: Link): ChainProblem[] {
  if (kind === 'full') return [];
  const sentence = `${id} builds on a full that is not in the vault`;
  return [{ kind: 'no-full', id, sentence, expected: 'a full', found: kind }];
}

function problemsOfNext(links: readonly Link[], index: number, link: Link, dependence: Dependence): ChainProblem[] {
  const own = [
    problemOfParent(links, index, link, dependence),
    problemOfOrigin(links[0] as Link, link),
    problemOfOrder(links[index - 1] as Link, link),
    problemOfLength(links[0] as Link, link),
  ];
  return own.filter((problem) => problem !== undefined);
}

function problemOfParent(
  links: readonly Link[],
  index: number,
  link: Link,
  dependence: Dependence,
): ChainProblem | undefined {
  const { id, kind, parent } = link.manifest;
  const should = parentOf(links, index, dependence) as Link;
  const expected = `built on ${should.manifest.id}`;
  if (kind === 'full' || parent === null) {
    const sentence = `${id} is a second full in the chain of ${links[0]?.manifest.id}`;
    return { kind: 'second-full', id, sentence, expected, found: kind };
  }
  const found = `built on ${parent.id}`;
  if (parent.id === should.manifest.id) {
    if (parent.manifestSha256 === should.manifestSha256) return undefined;
    const sentence = `${id} was built on another ${parent.id} than the one in the vault`;
    const hashes = { expected: should.manifestSha256, found: parent.manifestSha256 };
    return { kind: 'other-parent', id, sentence, ...hashes };
  }
  if (!links.some((each) => each.manifest.id === parent.id)) {
    return { kind: 'gap', id, sentence: `${id} builds on ${parent.id}, which is not in the vault`, expected, found };
  }
  const rival = links.find((each) => each !== link && each.manifest.parent?.id === parent.id);
  const both = rival ? `${rival.manifest.id} and ${id} both build` : `${id} builds`;
  return { kind: 'fork', id, sentence: `${both} on ${parent.id}`, expected, found };
}

function problemOfOrigin(full: Link, { manifest }: Link): ChainProblem | undefined {
  const [expected, found] = [serverOf(full.manifest), serverOf(manifest)];
  if (expected === found) return undefined;
  const sentence = `${manifest.id} comes from another server than ${full.manifest.id}`;
  return { kind: 'foreign', id: manifest.id, sentence, expected, found };
}

/** What tells servers of one service apart: the engine, and the server's own id where it has one. */
function serverOf({ engine, source }: Manifest): string {
  const { serverId } = source.identity;
  return `${engine} ${typeof serverId === 'string' ? serverId : source.host}`;
}

function problemOfOrder(before: Link, { manifest }: Link): ChainProblem | undefined {
  const { id, dataAt } = manifest;
  if (Date.parse(dataAt) >= Date.parse(before.manifest.dataAt)) return undefined;
  const sentence = `${id} holds older data than ${before.manifest.id}, which came before it`;
  return { kind: 'order', id, sentence, expected: `not before ${before.manifest.dataAt}`, found: dataAt };
}

function problemOfLength(full: Link, { manifest }: Link): ChainProblem | undefined {
  const lengthMs = Date.parse(manifest.startedAt) - Date.parse(full.manifest.startedAt);
  if (lengthMs <= maxChainMs) return undefined;
  const days = (lengthMs / 86_400_000).toFixed(1);
  const sentence = `${manifest.id} was made ${days} days after the full that it builds on`;
  return { kind: 'too-long', id: manifest.id, sentence, expected: 'at most 7 days', found: `${days} days` };
}
