import { didYouMean } from '../../../kit/did-you-mean.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import { nameBeside } from '../../../model/beside.ts';
import { withoutForeignKeys } from '../create-table.ts';
import type { AccountsDocument, SchemaDocument } from '../documents.ts';
import { smallBytes } from '../load-table.ts';
import { qualify, sayTable } from '../names.ts';
import type { TableSize } from '../table-parts.ts';
import type { ReadableTable } from '../table-reader.ts';

/** What is carried, and under which names it will stand at the target. */
export interface Cargo {
  /** With the names at the target. */
  document: SchemaDocument;
  tables: CarriedTable[];
  /** Databases that are dropped if they stand in the way, those that are no longer in the cargo too. */
  replaces: readonly string[];
  /** null: none are carried. */
  accounts: AccountsDocument | null;
}

export interface CarriedTable {
  /** As the pod's server has it. */
  from: ReadableTable;
  to: { database: string; name: string };
  /** Loaded into its keys, which takes less time than to add them afterwards. */
  isSmall: boolean;
}

/** What the pod's server holds. */
export interface PodState {
  document: SchemaDocument;
  tables: readonly ReadableTable[];
  sizes: ReadonlyMap<string, TableSize>;
  accounts: AccountsDocument;
}

/** Everything, under its own names. */
export function wholeCargo({ document, tables, sizes, accounts }: PodState, databases: readonly string[]): Cargo {
  const named = tables.map((from) => carried(from, from.database, sizes));
  const replaces = [...new Set([...databases, ...document.databases.map(({ name }) => name)])];
  return { document, tables: named, replaces, accounts };
}

/**
 * Some tables, each in a database that stands beside its own: `shop_restored_20261124T103107Z`. Rows, keys and checks, but
 * nothing that could reach the live data: no foreign keys, triggers, views or routines.
 */
export function besideCargo({ document, tables, sizes }: PodState, parts: readonly string[], stamp: string): Cargo {
  const chosen = [...new Set(parts.map((part) => chosenTable(tables, part)))];
  const beside = (database: string) => nameBeside(database, stamp, maxNameChars);
  const isChosen = (database: string, name: string) =>
    chosen.some((table) => table.database === database && table.name === name);
  const databases = document.databases
    .map((db) => ({
      ...db,
      name: beside(db.name),
      tables: db.tables
        .filter((table) => isChosen(db.name, table.name))
        .map((table) => ({ ...table, create: withoutForeignKeys(table.create) })),
      functions: [],
      procedures: [],
      triggers: [],
      events: [],
    }))
    .filter((db) => db.tables.length > 0);
  const named = chosen.map((from) => carried(from, beside(from.database), sizes));
  return { document: { ...document, databases, views: [] }, tables: named, replaces: [], accounts: null };
}

function carried(from: ReadableTable, database: string, sizes: PodState['sizes']): CarriedTable {
  const bytes = sizes.get(qualify(from.database, from.name))?.bytes ?? Number.POSITIVE_INFINITY;
  return { from, to: { database, name: from.name }, isSmall: bytes <= smallBytes };
}

function chosenTable(tables: readonly ReadableTable[], part: string): ReadableTable {
  const found = tables.filter(({ database, name }) => part === name || part === `${database}.${name}`);
  const [table] = found;
  if (table && found.length === 1) return table;
  const known = tables.map(({ database, name }) => plainLine(sayTable(database, name), 80));
  const sentence = table
    ? `${part} is a table of ${found.length} databases: name it with its own, as ${known[0]}`
    : `there is no table ${plainLine(part, 80)} at that point of the backup${perhaps(tables, part)}`;
  throw new FiredrillError('USAGE', sentence, { hint: `Tables are: ${known.slice(0, 30).join(', ')}` });
}

function perhaps(tables: readonly ReadableTable[], part: string): string {
  const meant = didYouMean(
    part,
    tables.flatMap(({ database, name }) => [name, `${database}.${name}`]),
  );
  return meant === undefined ? '' : `; did you mean ${plainLine(meant, 80)}?`;
}

/** MySQL's own limit. */
const maxNameChars = 64;
