/** Literals and comments are passed over; names may be plain, in backquotes, or (ANSI_QUOTES) in double quotes. */
const token =
  /'(?:[^'\\]|\\[\s\S]|'')*'|\/\*(?!!)[\s\S]*?\*\/|(?:--\s|#)[^\n]*|`(?<back>(?:[^`]|``)*)`|"(?<double>(?:[^"\\]|\\[\s\S]|"")*)"|(?<word>[\p{L}\p{N}_$]+)|(?<sign>\S)/gu;

/** `database.object` in a statement; the object is `*` in grants. */
export interface QualifiedName {
  database: string;
  object: string;
}

interface Word {
  name: string | undefined;
  /** Empty for a name. */
  sign: string;
}

/** All pairs that may be a database and an object in it; `table.column` looks the same. */
export function qualifiedNamesIn(sql: string): QualifiedName[] {
  const words = [...sql.matchAll(token)].flatMap(({ groups }): Word[] => {
    const { back, double, word, sign = '' } = groups ?? {};
    const name = back?.replaceAll('``', '`') ?? double?.replaceAll('""', '"') ?? word;
    return name === undefined && sign === '' ? [] : [{ name, sign }];
  });
  return words.flatMap(({ sign }, i) => {
    if (sign !== '.') return [];
    const [before, after] = [words[i - 1], words[i + 1]];
    const object = after?.name ?? (after?.sign === '*' ? '*' : undefined);
    return before?.name !== undefined && object !== undefined ? [{ database: before.name, object }] : [];
  });
}
