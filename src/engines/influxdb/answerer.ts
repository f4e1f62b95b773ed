import type { Activity } from '../../kit/activity.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Answerer, Restored } from '../engine.ts';
import { factsOf } from './facts.ts';
import { assertReads } from './reading.ts';
import { restoredClient } from './restored-server.ts';

/** The restored database, for the dashboards of a Grafana that was restored beside it. */
export function answererOf(
  chain: readonly OpenMember[],
  { server }: Restored,
  activity: Activity,
): Answerer | undefined {
  const member = chain.at(-1);
  if (!member) return undefined;
  const { database } = factsOf(member.manifest);
  const client = restoredClient(server, activity.signal);
  const { service, dataAt } = member.manifest;
  const findsData = async (statement: string) => {
    assertReads(statement);
    return client.findsValue(statement, database);
  };
  return { service, language: 'influxql', database, dataAt, findsData };
}
