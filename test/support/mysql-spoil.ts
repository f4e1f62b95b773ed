import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import type { AccountsDocument, Facts, SchemaDocument } from '../../src/engines/mysql/documents.ts';
import { collect } from '../../src/kit/streams.ts';
import type { OpenMember } from '../../src/model/member.ts';
import type { VerifiedMember } from '../../src/vault/verified-member.ts';
import type { SealedMember } from './member.ts';

/** Changes an artifact's content and makes the manifest fit it, byte for byte, and genuine. */
export async function rewriteArtifact(
  sealed: SealedMember,
  name: string,
  change: (content: string) => string,
): Promise<VerifiedMember> {
  const content = Buffer.from(change(await contentOf(await sealed.reopen(), name)));
  const stored = zstdCompressSync(content);
  await writeFile(join(sealed.folder, name), stored);
  return sealed.reseal(({ artifacts }) => {
    const entry = artifacts.find((each) => each.name === name);
    if (!entry) throw new Error(`there is no artifact ${name}`);
    entry.bytes = stored.length;
    entry.sha256 = createHash('sha256').update(stored).digest('hex');
    entry.contentBytes = content.length;
  });
}

export async function contentOf(member: OpenMember, name: string): Promise<string> {
  return (await collect(member.content(name), 1 << 28, name)).toString();
}

/** The artifact of a table of the first database. */
export function artifactOf(member: OpenMember, table: string): string {
  const found = (member.manifest.facts as unknown as Facts).tables.find(({ name }) => name === table);
  if (!found) throw new Error(`there is no table ${table}`);
  return found.artifact;
}

/** Changes the rows of a table, and its end mark so that it counts them. */
export async function rewriteRows(
  sealed: SealedMember,
  table: string,
  change: (rows: string[]) => string[],
): Promise<VerifiedMember> {
  return rewriteArtifact(sealed, artifactOf(sealed.member, table), (content) => {
    const lines = content.split('\n').slice(0, -1);
    const mark = lines.pop() ?? '';
    const rows = change(lines);
    return [...rows, mark.replace(/ \d+ (\d+)$/, ` ${rows.length} $1`), ''].join('\n');
  });
}

export async function rewriteSchema(sealed: SealedMember, change: (schema: SchemaDocument) => void) {
  return rewriteJson(sealed, 'schema.json', change);
}

export async function rewriteAccounts(sealed: SealedMember, change: (accounts: AccountsDocument) => void) {
  return rewriteJson(sealed, 'accounts.json', change);
}

function rewriteJson<T>(sealed: SealedMember, name: string, change: (value: T) => void) {
  return rewriteArtifact(sealed, name, (content) => {
    const value = JSON.parse(content) as T;
    change(value);
    return JSON.stringify(value);
  });
}
