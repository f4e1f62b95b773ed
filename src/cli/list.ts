import { FiredrillError, messageOf } from '../kit/errors.ts';
import { formatBytes } from '../kit/units.ts';
import { VerifiedMember } from '../vault/verified-member.ts';
import { type Composed, chosenServices } from './context.ts';

export interface ListedRow {
  set: string;
  service: string;
  member: string;
  /** `sealed`: a genuine manifest; nothing else has been verified. */
  state: 'sealed' | 'not genuine' | 'in progress' | 'foreign';
  dataAt: string;
  bytes: number | null;
  note: string;
}

/** What lies in the vault, with manifests opened and signatures checked; artifacts are not read. */
export async function runList(composed: Composed, names: readonly string[]): Promise<ListedRow[]> {
  const { vault, trusted } = composed;
  const services = new Set(chosenServices(composed, names).map((each) => each.service));
  const { members, partial, foreign } = await vault.list();
  const rows: ListedRow[] = [];
  for (const member of members.filter((each) => services.has(each.service))) {
    const { set, service, id } = member;
    const bytes = member.files.reduce((sum, file) => sum + file.bytes, 0);
    try {
      const { manifest } = await VerifiedMember.open(vault, member, trusted);
      rows.push({ set, service, member: id, state: 'sealed', dataAt: manifest.dataAt, bytes, note: '' });
    } catch (error) {
      if (!(error instanceof FiredrillError)) throw error;
      rows.push({ set, service, member: id, state: 'not genuine', dataAt: '', bytes, note: messageOf(error) });
    }
  }
  const unfinished = partial.filter((each) => services.has(each.service));
  const others = names.length === 0 ? foreign : [];
  return [
    ...rows,
    ...unfinished.map(({ set, service, id }) => bare(set, service, id, 'in progress')),
    ...others.map((path) => bare('', '', path, 'foreign')),
  ];
}

function bare(set: string, service: string, member: string, state: ListedRow['state']): ListedRow {
  return { set, service, member, state, dataAt: '', bytes: null, note: '' };
}

/** Columns for the terminal. */
export function listColumns(row: ListedRow): string[] {
  const size = row.bytes === null ? '' : formatBytes(row.bytes);
  return [row.set, row.service, row.member, row.state, row.dataAt, size, row.note];
}
