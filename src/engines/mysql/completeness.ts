import { FiredrillError } from '../../kit/errors.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Facts, TableFacts } from './documents.ts';
import { sayTable } from './names.ts';

/** Gathers what the reading of a member's artifacts shows: do they decode, and is each table there to its end mark? */
export class CompletenessLook {
  readonly #service: string;
  readonly #format: Look;
  readonly #completeness: Look;

  /** ARTIFACT_INCOMPLETE when the manifest names tables without an artifact, or data without a table. */
  constructor(service: string, member: OpenMember, { tables }: Facts) {
    this.#service = service;
    const data = new Set(member.byRole('data').map(({ name }) => name));
    this.#format = new Look('format', service, 'artifacts', member.manifest.artifacts.length);
    // The documents are read before anything else.
    this.#format.sawOne(member.manifest.artifacts.length - data.size);
    this.#completeness = new Look('completeness', service, 'tables', tables.length);
    const named = new Set(tables.map(({ artifact }) => artifact));
    const stray = [...data].find((name) => !named.has(name));
    if (stray) throw this.#incomplete(`artifact ${stray} belongs to no table of the manifest`);
    if (named.size !== tables.length) throw this.#incomplete('two tables of the manifest share an artifact');
    const missing = tables.find(({ artifact }) => !data.has(artifact));
    if (missing) throw this.#incomplete(`table ${sayTable(missing.database, missing.name)} has no artifact`);
  }

  /** An artifact was read to its end mark, which counts `rows`. */
  sawRows({ database, name, rows: expected }: TableFacts, rows: number) {
    this.#format.sawOne();
    this.#completeness.sawOne();
    if (rows === expected) return;
    this.#completeness.fail({
      sentence: `${this.#service}: the artifact of table ${sayTable(database, name)} holds ${rows} rows, the dump had ${expected}`,
      expected: `${expected} rows`,
      found: `${rows} rows`,
      next: 'firedrill list',
    });
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
