import type { ExpectedData } from './data-stream.ts';
import { dataOf, type Facts, type TableFacts } from './documents.ts';
import { sayTable } from './names.ts';
import { partMarkId } from './table-parts.ts';

/** One artifact of a table's rows, and what it must be. */
export interface TableData extends ExpectedData {
  table: TableFacts;
  /** Its position among the table's artifacts, from 0. */
  part: number;
  artifact: string;
}

/** The artifacts of a table, in the order of its primary key. */
export function tableData(service: string, { dumpId }: Facts, table: TableFacts): TableData[] {
  const data = dataOf(table);
  const isPart = table.parts !== undefined;
  return data.map(({ artifact }, part) => {
    const which = isPart ? `, part ${part + 1} of ${data.length}` : '';
    const what = `${service}: table ${sayTable(table.database, table.name)}${which}`;
    return { table, part, artifact, what, isPart, markId: isPart ? partMarkId(dumpId, artifact) : dumpId };
  });
}
