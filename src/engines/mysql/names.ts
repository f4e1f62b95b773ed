/** Spelling of names and texts in SQL. Names come from servers and backups: they may hold anything. Pure. */

/** `a``b` in backquotes. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A table, view or routine with its database. */
export function qualify(database: string, name: string): string {
  return `${quoteName(database)}.${quoteName(name)}`;
}

/** A string literal; right under any sql_mode that leaves the backslash its meaning, which all sessions here set. */
export function quoteText(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\0', '\\0');
  return `'${escaped}'`;
}

/** A comma-separated list of literals, for IN (…). */
export function quoteTexts(texts: readonly string[]): string {
  return texts.map(quoteText).join(', ');
}

/** `db.table` as people read it; backquotes only where a name needs them. */
export function sayTable(database: string, table: string): string {
  const say = (name: string) => (/^[\p{L}\p{N}_$-]+$/u.test(name) ? name : quoteName(name));
  return `${say(database)}.${say(table)}`;
}

/** In a GRANT on a database `_` and `%` stand for anything, unless escaped; SHOW GRANTS prints them so. */
export function asPattern(name: string): string {
  return quoteName(name.replaceAll('\\', '\\\\').replaceAll('_', '\\_').replaceAll('%', '\\%'));
}
