import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { chain } from '../../kit/streams.ts';
import type { CheckResult } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import { planAccounts } from './accounts.ts';
import { CompletenessLook } from './completeness.ts';
import { DataStream } from './data-stream.ts';
import { readAccounts, readFacts, readSchema } from './documents.ts';
import { qualify } from './names.ts';
import { planTables } from './restore-schema.ts';
import { tableData } from './table-data.ts';

/** Reads every artifact to its end, without a server. */
export async function verifyFull(member: OpenMember, { signal }: Activity): Promise<CheckResult[]> {
  const { service } = member.manifest;
  const facts = readFacts(member);
  const schema = await readSchema(member);
  planAccounts(await readAccounts(member));
  const look = new CompletenessLook(service, member, facts);
  const defined = new Set(planTables(schema).map(({ database, name }) => qualify(database, name)));
  for (const table of facts.tables) {
    if (!defined.has(qualify(table.database, table.name))) throw look.noDefinition(table);
    for (const each of tableData(service, facts, table)) {
      const data = new DataStream(each);
      for await (const _ of chain(member.content(each.artifact), data)) {
        if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the verification was interrupted');
      }
      look.sawRows(table, each.part, data.rows);
    }
  }
  return look.results();
}
