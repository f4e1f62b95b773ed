import type { ListedExpiry } from '../flow/expire.ts';
import { count, plainLine } from '../kit/text.ts';
import { formatBytes } from '../kit/units.ts';
import { describeMember } from '../model/backup-set.ts';
import type { ExpiryOutcome } from './expire.ts';

type ListedFate = ListedExpiry['chains'][number];

/** For the terminal: each chain with what becomes of it and why, and what went in all. */
export function expiryLines({ done, foreign, vault }: ExpiryOutcome, dryRun: boolean): string[] {
  const words = { expire: dryRun ? 'would go' : 'removed', keep: 'kept', leave: 'left alone' };
  return [
    ...done.flatMap(({ service, retentionDays, chains }) => [
      `${service}: kept for ${count(retentionDays, 'day')}`,
      ...chains.map((chain) => `  ${words[chain.fate].padEnd(11)} ${describeChain(chain)}`),
    ]),
    ...foreign.map((path) => `not this configuration's, left alone: ${plainLine(path)}`),
    `vault ${vault}: ${describeWhole(done, dryRun)}`,
  ];
}

function describeChain({ members, because }: ListedFate): string {
  const [first, ...rest] = members;
  const size = formatBytes(bytesOf(members));
  const more = rest.length === 0 ? '' : ` and ${count(rest.length, 'increment')}`;
  return plainLine(`${first ? describeMember(first) : ''}${more}, ${size}: ${because}`);
}

function describeWhole(done: readonly ListedExpiry[], dryRun: boolean): string {
  const chains = done.flatMap((each) => each.chains).filter(({ fate }) => fate === 'expire');
  if (chains.length === 0) return 'nothing has expired that may go';
  const members = chains.flatMap((each) => each.members);
  const what = `${count(chains.length, 'chain')} of ${count(members.length, 'member')}, ${formatBytes(bytesOf(members))}`;
  return `${what}, ${dryRun ? 'would be' : chains.length === 1 ? 'was' : 'were'} removed`;
}

const bytesOf = (members: readonly { bytes: number }[]) => members.reduce((sum, each) => sum + each.bytes, 0);

/** For programs. */
export function expiryAsJson({ vault, done, failed, foreign }: ExpiryOutcome, dryRun: boolean) {
  return {
    vault,
    dryRun,
    services: done.map(({ service, retentionDays, held, chains }) => ({
      ...{ service, retentionDays, held },
      chains: chains.map(({ fate, members, newestAt, because }) => ({
        fate,
        members: members.map(describeMember),
        ...{ bytes: bytesOf(members), newestAt, because },
      })),
    })),
    failed: failed.map(({ service, error: { code, message } }) => ({ service, code, message })),
    foreign,
  };
}
