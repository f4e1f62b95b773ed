import type { Activity } from '../../kit/activity.ts';
import { plainLine } from '../../kit/text.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Checked, Restored } from '../engine.ts';
import { checkContent } from './check-content.ts';
import { checkInventory } from './check-inventory.ts';
import { RowsCheck } from './check-rows.ts';
import type { InfluxClient } from './client.ts';
import { askEach, newestUntil } from './count-points.ts';
import { type Completeness, type DumpedShard, judgeFormat, judgePoints } from './dumped-files.ts';
import { type Facts, factsOf, heartbeatMeasurement } from './facts.ts';
import { findHeartbeat } from './heartbeat.ts';
import { instantOf, nsOf, parseInstant } from './instants.ts';
import { restoredClient } from './restored-server.ts';

/** Compares the restored server with the facts of the dump. */
export async function checkRestored(
  chain: readonly OpenMember[],
  { server }: Restored,
  activity: Activity,
): Promise<Checked> {
  const member = chain.at(-1);
  if (!member) return { results: [], newest: null };
  const { service, dataAt } = member.manifest;
  const facts = factsOf(member.manifest);
  const client = restoredClient(server, activity.signal);
  // First, while the server has had the least time to merge files.
  const content = await checkContent(service, facts, server, client, activity.signal);
  const rows = new RowsCheck(service, facts, client, dataAt);
  await rows.byDay();
  const inventory = await checkInventory(service, facts, client);
  const newest = await newestPoint(client, facts, dataAt);
  const points = await judgePoints(chain);
  const format = await judgeFormat(service, archivesOf(points), activity);
  const incomplete = points.slice(0, -1).flatMap(({ result }) => (result.outcome === 'pass' ? [] : [result]));
  const heartbeat = await findHeartbeat(client, service, facts);
  return { results: [...incomplete, format.result, inventory, content, await rows.again()], newest, heartbeat };
}

/** Each archive once, also those that a newer one replaces. */
function archivesOf(points: readonly Completeness[]): DumpedShard[] {
  const named = points.flatMap(({ shards }) => shards).map((shard) => [keyOf(shard), shard] as const);
  return [...new Map(named).values()];
}

const keyOf = ({ member, artifact }: DumpedShard) => `${member.manifest.id}/${artifact.name}`;

/** Never later than the dump: one point from the future would hide that a source had died. */
async function newestPoint(client: InfluxClient, facts: Facts, dataAt: string): Promise<Checked['newest']> {
  const until = instantOf(nsOf(new Date(dataAt)));
  let newest: { ns: bigint; basis: string } | undefined;
  const others = facts.measurements.filter(({ name }) => name !== heartbeatMeasurement);
  await askEach(client, facts.database, others, newestUntil(until), ({ policy, name }, tables) => {
    const ns = parseInstant(String(tables[0]?.values[0]?.[0] ?? ''));
    if (ns !== undefined && (newest === undefined || ns > newest.ns)) newest = { ns, basis: `${policy}.${name}` };
  });
  return newest ? { at: new Date(Number(newest.ns / 1_000_000n)).toISOString(), basis: plainLine(newest.basis) } : null;
}
