import { plainLine } from '../../../kit/text.ts';
import type { CheckResult, Finding } from '../../../model/check.ts';
import type { Session } from '../client.ts';
import type { TableFacts } from '../documents.ts';
import { qualify, sayTable } from '../names.ts';

/**
 * Lets the server walk through all indexes of each table: a physical copy takes over what is wrong in them, and no digest reads
 * them. What it complains of becomes findings of `content`, among `results`, which has looked at the same tables.
 */
export async function withIndexes(
  results: readonly CheckResult[],
  session: Session,
  service: string,
  tables: readonly TableFacts[],
): Promise<CheckResult[]> {
  const findings: Finding[] = [];
  for (const table of tables) findings.push(...(await lookAtIndexes(session, service, table)));
  if (findings.length === 0) return [...results];
  return results.map((each) =>
    each.check === 'content' ? { ...each, outcome: 'fail', findings: [...each.findings, ...findings] } : each,
  );
}

async function lookAtIndexes(session: Session, service: string, { database, name }: TableFacts): Promise<Finding[]> {
  const said = await session.rows(`CHECK TABLE ${qualify(database, name)}`);
  const bad = said.filter(({ Msg_type, Msg_text }) => Msg_type !== 'note' && Msg_text !== 'OK');
  return bad.map(({ Msg_text }) => {
    const found = plainLine(Msg_text ?? '', 200);
    const sentence = `${service}: table ${sayTable(database, name)} is damaged: ${found}`;
    return { sentence, expected: 'OK', found, next: 'firedrill list' };
  });
}
