import { FiredrillError } from '../../kit/errors.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import { dataOf, type Facts, type TableFacts } from './documents.ts';
import { sayTable } from './names.ts';

/** Gathers what the reading of a member's artifacts shows: do they decode, and is each table there to its end mark? */
export class CompletenessLook {
  readonly #service: string;
  readonly #format: Look;
  readonly #completeness: Look;
  /** How many of each table's artifacts are still to be read. */
  readonly #left: Map<TableFacts, number>;

  /** ARTIFACT_INCOMPLETE when the manifest names tables without an artifact, or data without a table. */
  constructor(service: string, member: OpenMember, { tables }: Facts) {
    this.#service = service;
    const data = new Set(member.byRole('data').map(({ name }) => name));
    this.#format = new Look('format', service, 'artifacts', member.manifest.artifacts.length);
    // The documents are read before anything else.
    this.#format.sawOne(member.manifest.artifacts.length - data.size);
    this.#completeness = new Look('completeness', service, 'tables', tables.length);
    this.#left = new Map(tables.map((table) => [table, dataOf(table).length]));
    const all = tables.flatMap(dataOf).map(({ artifact }) => artifact);
    const named = new Set(all);
    const stray = [...data].find((name) => !named.has(name));
    if (stray) throw this.#incomplete(`artifact ${stray} belongs to no table of the manifest`);
    if (named.size !== all.length)
      throw this.#incomplete('two tables of the manifest, or two parts, share an artifact');
    for (const table of tables) this.#assertWhole(table, data);
  }

  #assertWhole(table: TableFacts, data: ReadonlySet<string>) {
    const { database, name, rows, parts } = table;
    const what = `table ${sayTable(database, name)}`;
    const lost = dataOf(table).findIndex(({ artifact }) => !data.has(artifact));
    if (lost >= 0) throw this.#incomplete(`${parts ? `${sayPart(table, lost)} of ` : ''}${what} has no artifact`);
    const sum = dataOf(table).reduce((total, part) => total + part.rows, 0);
    if (sum !== rows) throw this.#incomplete(`the parts of ${what} have ${sum} rows together, the dump had ${rows}`);
  }

  /**
   * An artifact of a table, its `part`-th from 0 on, was read to its end mark, which counts `rows`. Returns whether it was
   * the last one of that table.
   */
  sawRows(table: TableFacts, part: number, rows: number): boolean {
    const { database, name, parts } = table;
    const left = (this.#left.get(table) ?? 0) - 1;
    this.#left.set(table, left);
    this.#format.sawOne();
    if (left === 0) this.#completeness.sawOne();
    const expected = dataOf(table)[part]?.rows;
    if (rows !== expected) {
      const whose = `${parts ? `${sayPart(table, part)} of ` : ''}table ${sayTable(database, name)}`;
      this.#completeness.fail({
        sentence: `${this.#service}: the artifact of ${whose} holds ${rows} rows, the dump had ${expected}`,
        expected: `${expected} rows`,
        found: `${rows} rows`,
        next: 'firedrill list',
      });
    }
    return left === 0;
  }

  noDefinition({ database, name }: TableFacts): FiredrillError {
    return this.#incomplete(`the schema has no definition of table ${sayTable(database, name)}`);
  }

  results(): CheckResult[] {
    return [this.#format.result(), this.#completeness.result()];
  }

  #incomplete(why: string) {
    return new FiredrillError('ARTIFACT_INCOMPLETE', `${this.#service}: ${why}`);
  }
}

/** `part 2 of 4`. */
function sayPart(table: TableFacts, part: number): string {
  return `part ${part + 1} of ${dataOf(table).length}`;
}
