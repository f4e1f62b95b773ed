import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import { quoteName } from './names.ts';

/** A CREATE TABLE, taken apart so that what costs time while loading can be made afterwards. Pure. */
export interface TableParts {
  /** Makes the table with its primary key, and with the keys that it cannot be without. */
  create: string;
  /** Statements for the other keys, fit to run after the load. */
  keys: string[];
  /** Statements for the foreign keys, fit to run after all tables. */
  foreignKeys: string[];
}

/**
 * `statement` is as SHOW CREATE TABLE prints it. ARTIFACT_FORMAT when it is something else. `withKeys`: only those wait that cost
 * something while the table is empty.
 */
export function splitCreateTable(statement: string, table: string, withKeys = false): TableParts {
  const { head, definitions, tail } = takeApart(statement);
  if (head.trim() !== `CREATE TABLE ${quoteName(table)}`) {
    throw new FiredrillError(
      'ARTIFACT_FORMAT',
      `this does not create table ${plainLine(table)}: ${plainLine(head, 100)}`,
    );
  }
  const kinds = definitions.map((text) => ({ text, kind: kindOf(text) }));
  const hasPrimary = kinds.some(({ kind }) => kind === 'primary');
  const automatic = columnThatNeedsKey(definitions);
  const isKept = ({ kind, text }: (typeof kinds)[number]) => {
    if (kind === 'unique') return withKeys || !hasPrimary || startsWithColumn(text, automatic);
    if (kind === 'key') return withKeys || startsWithColumn(text, automatic);
    return kind !== 'fulltext' && kind !== 'foreign';
  };
  const deferred = kinds.filter((each) => !isKept(each));
  const alter = `ALTER TABLE ${quoteName(table)}`;
  const textsOf = (...wanted: DefinitionKind[]) =>
    deferred.filter(({ kind }) => wanted.includes(kind)).map(({ text }) => `ADD ${text}`);
  const ordinary = textsOf('unique', 'key');
  return {
    create: `${head}(\n${kinds
      .filter(isKept)
      .map(({ text }) => `  ${text}`)
      .join(',\n')}\n)${tail}`,
    // InnoDB makes one FULLTEXT key at a time in place; two in one statement would copy the table.
    keys: [...(ordinary.length > 0 ? [ordinary.join(', ')] : []), ...textsOf('fulltext')].map(
      (add) => `${alter} ${add}`,
    ),
    foreignKeys: textsOf('foreign').map((add) => `${alter} ${add}`),
  };
}

/**
 * One text for one table: without the next automatic number, and with keys and constraints in one order, which has no
 * meaning and changes when they are made later.
 */
export function normaliseCreateTable(statement: string): string {
  const { head, definitions, tail } = takeApart(statement);
  const columns = definitions.filter((text) => kindOf(text) === 'column');
  const others = definitions.filter((text) => kindOf(text) !== 'column').sort();
  return `${head}(\n${[...columns, ...others].join(',\n')}\n)${tail.replace(/ AUTO_INCREMENT=\d+/, '')}`;
}

/** For a copy beside the live data: its foreign keys could point at live tables, and hold them. */
export function withoutForeignKeys(statement: string): string {
  const { head, definitions, tail } = takeApart(statement);
  const kept = definitions.filter((text) => kindOf(text) !== 'foreign');
  return `${head}(\n  ${kept.join(',\n  ')}\n)${tail}`;
}

type DefinitionKind = 'column' | 'primary' | 'unique' | 'key' | 'fulltext' | 'foreign' | 'other';

function kindOf(definition: string): DefinitionKind {
  if (definition.startsWith('`')) return 'column';
  if (/^PRIMARY KEY /.test(definition)) return 'primary';
  if (/^UNIQUE KEY /.test(definition)) return 'unique';
  if (/^(SPATIAL )?KEY /.test(definition)) return 'key';
  if (/^FULLTEXT KEY /.test(definition)) return 'fulltext';
  if (/^CONSTRAINT `(?:[^`]|``)*` FOREIGN KEY /.test(definition)) return 'foreign';
  return 'other';
}

/** An AUTO_INCREMENT column begins a key at all times; undefined when the primary key is that one. */
function columnThatNeedsKey(definitions: readonly string[]): string | undefined {
  const definition = definitions.find((text) => text.startsWith('`') && hasWord(text, 'AUTO_INCREMENT'));
  const column = definition && /^`(?:[^`]|``)*`/.exec(definition)?.[0];
  return definitions.some((text) => /^PRIMARY KEY /.test(text) && startsWithColumn(text, column)) ? undefined : column;
}

function startsWithColumn(key: string, column: string | undefined): boolean {
  return column !== undefined && /^[A-Z ]+(?:`(?:[^`]|``)*` )?\((`(?:[^`]|``)*`)/.exec(key)?.[1] === column;
}

/** Whether a word stands in a definition outside of quotes. */
function hasWord(definition: string, word: string): boolean {
  return definition
    .replaceAll(quoted, ' ')
    .split(/[\s,()]+/)
    .includes(word);
}

const quoted = /`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"/gs;
/** A quote that never ends is a token by itself: whoever looked on would look to the end once for each quote that follows. */
const token = new RegExp(`${quoted.source}|[(),\`'"]`, 'gs');

/** In which tablespace a table lies is the source server's own matter: a restored one has not got it. */
function withoutPlace(tail: string): string {
  return tail.replace(/^ \/\*!50100 TABLESPACE `(?:[^`]|``)*` \*\//, '');
}

const isLoneQuote = (found: string) => found.length === 1 && /[`'"]/.test(found);

/** Splits at the commas of the outermost parentheses; quotes and inner parentheses are passed over. */
function takeApart(statement: string): { head: string; definitions: string[]; tail: string } {
  const definitions: string[] = [];
  let depth = 0;
  let open = 0;
  let start = 0;
  for (const { 0: found, index } of statement.matchAll(token)) {
    if (isLoneQuote(found)) break;
    if (found === '(') depth += 1;
    if (found === '(' && depth === 1) open = start = index + 1;
    if (found === ')') depth -= 1;
    if ((found === ')' && depth === 0) || (found === ',' && depth === 1)) {
      definitions.push(statement.slice(start, index).trim());
      start = index + 1;
    }
    if (found === ')' && depth === 0) {
      return { head: statement.slice(0, open - 1), definitions, tail: withoutPlace(statement.slice(start)) };
    }
  }
  throw new FiredrillError('ARTIFACT_FORMAT', `this is no CREATE TABLE: ${plainLine(statement, 100)}`);
}
