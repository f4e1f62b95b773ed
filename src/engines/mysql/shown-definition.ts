import { FiredrillError } from '../../kit/errors.ts';
import type { Row, Session } from './client.ts';
import { quoteName } from './names.ts';

/** What the server itself writes of a definition that it shows: around, and between, what its maker wrote. */
export interface OwnWords {
  head: string;
  /** '' for none. */
  comment: string;
}

/** How a definition is asked for, and what came. */
export interface Shown {
  statement: string;
  column: string;
  row: Row;
}

/**
 * A definition as it must be given to a server again. MySQL keeps names and comments of routines, triggers and events as UTF-8,
 * and parameters and body in the character set of whoever made them. It shows all as one text, as if it were in that set: for an
 * old client's `latin1` a comment `é` reads `Ã©`, and would come back so. What is meant is told by the bytes.
 */
export async function meantDefinition(session: Session, { statement, column, row }: Shown, own: OwnWords) {
  const shown = row[column] ?? '';
  const charset = row.character_set_client ?? '';
  if (/^utf8/.test(charset) || isAscii(own.head + own.comment)) return shown;
  const parts = takeApart(await bytesOf(session, statement, column), own);
  if (!parts) return shown;
  try {
    let meant = '';
    for (const part of parts) meant += typeof part === 'string' ? part : await decoded(session, part, charset);
    return meant;
  } catch (error) {
    // A body may hold bytes that its own character set does not have. It is shown without them; a session that broke will say so again.
    if (error instanceof FiredrillError) return shown;
    throw error;
  }
}

const isAscii = (text: string) => /^\p{ASCII}*$/u.test(text);

/** Texts of the server, and bytes of the maker; undefined where it is put together in another way than those of known servers. */
export function takeApart(whole: Buffer, { head, comment }: OwnWords): (string | Buffer)[] | undefined {
  const [first, second] = [Buffer.from(head), Buffer.from(comment)];
  if (!whole.subarray(0, first.length).equals(first)) return undefined;
  const at = whole.indexOf(second, first.length);
  if (at < 0) return undefined;
  return [head, whole.subarray(first.length, at), comment, whole.subarray(at + second.length)];
}

async function bytesOf(session: Session, statement: string, column: string): Promise<Buffer> {
  await session.run('SET character_set_results = NULL');
  try {
    const [row] = await session.bytes(statement);
    return row?.[column] ?? Buffer.alloc(0);
  } finally {
    await session.run('SET character_set_results = utf8mb4');
  }
}

async function decoded(session: Session, bytes: Buffer, charset: string): Promise<string> {
  const text = await session.value(`SELECT CONVERT(CAST(X'${bytes.toString('hex')}' AS BINARY) USING ${charset})`);
  return text ?? '';
}

/** `kind` as in SQL, with the name that follows it. */
export function headOf(definer: string, kind: string, name: string): string {
  const at = definer.lastIndexOf('@');
  const [user, host] = [definer.slice(0, at), definer.slice(at + 1)].map(quoteName);
  return `CREATE DEFINER=${user}@${host} ${kind} ${quoteName(name)}`;
}

/** As the server writes a comment, which may hold anything. */
export function commentLiteral(comment: string): string {
  const escapes: Record<string, string> = { '\0': '\\0', '\n': '\\n', '\r': '\\r', '\\': '\\\\', "'": "''" };
  return `'${[...comment].map((char) => escapes[char] ?? char).join('')}'`;
}
