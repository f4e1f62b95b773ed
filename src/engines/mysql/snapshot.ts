import type { Activity } from '../../kit/activity.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Json } from '../../kit/json.ts';
import type { Row, Session } from './client.ts';
import { readReplica } from './replica.ts';
import { beginSnapshot, type MysqlSource } from './source.ts';
import type { TableReader } from './table-reader.ts';
import { isAtLeast } from './version.ts';

export interface Snapshot {
  /** ISO 8601, by this machine's clock, as all that a drill compares it with. */
  dataAt: string;
  position: Record<string, Json>;
}

/**
 * Brings all sessions into one and the same snapshot. Writers wait meanwhile, and as short as can be: everybody is
 * logged in and waits before the lock is taken. DDL is kept out until the coordinator unlocks the instance. With
 * `rotate` the snapshot's position is the beginning of a new binary log.
 */
export async function enterSnapshot(
  coordinator: Session,
  verifications: readonly Session[],
  readers: readonly TableReader[],
  { clock }: Activity,
  rotate = false,
): Promise<Snapshot> {
  await coordinator.run('LOCK INSTANCE FOR BACKUP');
  // Closes tables beforehand, so that the lock itself has nothing to wait for.
  await coordinator.run('FLUSH TABLES');
  const lockedMs = clock.monotonicMs();
  await coordinator.run('FLUSH TABLES WITH READ LOCK');
  const entering = verifications.map(async (session) => void (await session.run(beginSnapshot)));
  await Promise.all([...entering, ...readers.map((reader) => reader.enterSnapshot())]);
  // Inside the lock: the logs before the new one hold all that the snapshot holds, and nothing else.
  if (rotate) await coordinator.run('FLUSH BINARY LOGS');
  const { dataAt, position } = await readPosition(coordinator, clock);
  await coordinator.run('UNLOCK TABLES');
  return { dataAt, position: { ...position, lockMs: Math.round(clock.monotonicMs() - lockedMs) } };
}

/** Where the server stands now: exact while nobody can write. */
export async function readPosition(session: Session, clock: Clock): Promise<Snapshot> {
  const { at, clockAheadMs } = await compareClocks(session, clock);
  const status = await binaryLogStatus(session);
  const gtids = (await session.value('SELECT @@GLOBAL.gtid_executed')) ?? '';
  return {
    dataAt: at.toISOString(),
    position: {
      // Instants in the binary log are by the server's clock.
      clockAheadMs,
      binlogFile: status?.File ?? null,
      binlogPosition: status ? Number(status.Position) : null,
      gtidExecuted: gtids.replaceAll('\n', ''),
    },
  };
}

/** The answer's way is not known: where both clocks may be the same within that time, they are taken to be. */
async function compareClocks(session: Session, clock: Clock) {
  const askedMs = clock.now().getTime();
  const serverMs = Number(await session.value('SELECT UNIX_TIMESTAMP(SYSDATE(3)) * 1000'));
  const at = clock.now();
  const isSame = serverMs >= askedMs - 1 && serverMs <= at.getTime() + 1;
  return { at, clockAheadMs: isSame ? 0 : Math.round(serverMs - (askedMs + at.getTime()) / 2) };
}

/** undefined when the server writes no binary log. */
async function binaryLogStatus(session: Session): Promise<Row | undefined> {
  const version = (await session.value('SELECT VERSION()')) ?? '';
  const [row] = await session.rows(isAtLeast(version, 8, 2) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  return row;
}

/** Who the server says it is, and whether it is a replica that follows its source. */
export async function readIdentity(session: Session, { service, settings }: MysqlSource) {
  const [row] = await session.rows('SELECT @@server_uuid AS serverId, @@hostname AS hostname, @@version AS version');
  const replica = await readReplica(session, service);
  const [serverId = '', hostname = '', version = ''] = [row?.serverId, row?.hostname, row?.version].map((v) => v ?? '');
  return { serverId, hostname, version, databases: settings.databases.toSorted(), replica };
}
