import { count, plainLine } from '../kit/text.ts';
import { formatBytes } from '../kit/units.ts';
import type { ListedChain, ListedRow, VaultContents } from './list.ts';
import { table } from './output.ts';

const heading = ['SET', 'SERVICE', 'MEMBER', 'KIND', 'BUILT ON', 'STATE', 'DATA FROM', 'SIZE', 'NOTE'];

/** For the terminal: a line for each member, and below each chain's last one whether the chain is whole. */
export function listLines({ members, chains }: VaultContents): string[] {
  const [head = '', ...lines] = table([heading, ...members.map(columnsOf)]).split('\n');
  const ends = new Map(chains.map((chain) => [keyOf(chain, chain.members.at(-1) ?? ''), describeChain(chain)]));
  return [
    head,
    ...lines.flatMap((line, i) => {
      const row = members[i];
      const end = row && ends.get(keyOf(row, row.member));
      return end === undefined ? [line] : [line, ...end];
    }),
  ];
}

function columnsOf(row: ListedRow): string[] {
  const size = row.bytes === null ? '' : formatBytes(row.bytes);
  const member = row.kind === 'incremental' ? `  ${row.member}` : row.member;
  return [row.set, row.service, member, row.kind ?? '', row.parent ?? '', row.state, row.dataAt, size, row.note];
}

function describeChain({ members, whole, problems }: ListedChain): string[] {
  const chain = `  chain of ${count(members.length, 'member')}`;
  return whole ? [`${chain}: whole`] : problems.map((problem) => `${chain}: BROKEN: ${plainLine(problem)}`);
}

const keyOf = ({ set, service }: { set: string; service: string }, member: string) => `${set}/${service}/${member}`;
