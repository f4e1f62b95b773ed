import { type ChainProblem, chainProblems, type Dependence, type Link } from '../model/chain.ts';
import { type CheckResult, Look } from '../model/check.ts';
import type { Manifest } from '../model/manifest.ts';

/** Why one member does not go on where another ended; see `Increments.discontinuity`. */
type Discontinuity = (before: Manifest, next: Manifest) => string | undefined;

/** All that is wrong with a chain, by its manifests alone: links, origin, order, length, and positions. */
export function problemsOfChain(
  links: readonly Link[],
  dependence: Dependence,
  discontinuity: Discontinuity | undefined,
): ChainProblem[] {
  const linked = chainProblems(links, dependence);
  const known = new Set(linked.map((problem) => problem.id));
  const jumps = links.slice(1).flatMap((link, i): ChainProblem[] => {
    const before = links[i] as Link;
    const why = discontinuity?.(before.manifest, link.manifest);
    if (why === undefined || known.has(link.manifest.id)) return [];
    const { id } = link.manifest;
    const expected = `begins where ${before.manifest.id} ends`;
    return [
      {
        kind: 'gap',
        id,
        sentence: `${id} does not go on where ${before.manifest.id} ended: ${why}`,
        expected,
        found: why,
      },
    ];
  });
  return [...linked, ...jumps];
}

/** Is the chain whole: one full, no gap, no fork, nothing foreign? */
export function checkChain(service: string, members: number, problems: readonly ChainProblem[]): CheckResult {
  const look = new Look('chain', service, 'members', members).sawOne(members);
  for (const { sentence, expected, found } of problems) {
    look.fail({
      sentence: `${service}: ${sentence}`,
      expected,
      found,
      next: `firedrill backup ${service} --full`,
    });
  }
  return look.result();
}
