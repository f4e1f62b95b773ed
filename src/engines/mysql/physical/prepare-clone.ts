import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { OpenMember } from '../../../model/member.ts';
import { GtidSet } from '../binlog/gtid-set.ts';
import type { Session } from '../client.ts';
import { type LogPlace, placeOf, setOf } from '../log-position.ts';
import { quoteName } from '../names.ts';

/** What a server loads, or reaches for, by itself at its next start: none of it is part of a backup. */
const ownTables = [
  'plugin',
  'component',
  'func',
  'servers',
  'slave_master_info',
  'slave_relay_log_info',
  'slave_worker_info',
];

const systemDatabases = new Set(['mysql', 'sys', 'information_schema', 'performance_schema']);

/** Looks at what a clone has become, and leaves of it what a logical restore would have made. */
export function preparation(full: OpenMember, databases: readonly string[]) {
  return {
    // It tells where the clone ended.
    options: ['--plugin-load-add=mysql_clone.so'],
    prepare: (session: Session) => prepareClone(session, full, databases),
  };
}

async function prepareClone(session: Session, full: OpenMember, databases: readonly string[]): Promise<void> {
  await assertPlace(session, full);
  await session.runAll(ownTables.map((name) => `DELETE FROM mysql.${name}`));
  await rollBackPrepared(session);
  const found = (await session.rows('SHOW DATABASES')).map(({ Database }) => Database ?? '');
  const others = found.filter((name) => !systemDatabases.has(name) && !databases.includes(name));
  await session.runAll(others.map((name) => `DROP DATABASE ${quoteName(name)}`));
}

/** A clone knows at which transactions it ends: they must be those from which the increments go on. */
async function assertPlace(session: Session, full: OpenMember) {
  const expected = placeOf(full.manifest);
  const gtidExecuted = GtidSet.parse((await session.value('SELECT @@GLOBAL.gtid_executed')) ?? '').toString();
  const found = { ...(await readLogPlace(session, expected)), gtidExecuted };
  const isSame =
    setOf(found).equals(setOf(expected)) &&
    found.binlogFile === expected.binlogFile &&
    found.binlogPosition === expected.binlogPosition;
  if (isSame) return;
  const sentence = `the clone ends at ${say(found)}, and its manifest says ${say(expected)}: it is another clone`;
  throw new FiredrillError('ARTIFACT_INCOMPLETE', `${full.manifest.service}: ${sentence}`);
}

/** By the clone plugin, which an image may lack: then the rows and their digests must tell. */
async function readLogPlace(session: Session, expected: LogPlace): Promise<Omit<LogPlace, 'gtidExecuted'>> {
  const [table] = await session.rows(
    "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'performance_schema' AND TABLE_NAME = 'clone_status'",
  );
  if (!table) return expected;
  const [status] = await session.rows(
    'SELECT BINLOG_FILE AS file, BINLOG_POSITION AS position FROM performance_schema.clone_status',
  );
  if (!status?.file) return { binlogFile: null, binlogPosition: null };
  return { binlogFile: status.file.replace(/^\.\//, ''), binlogPosition: Number(status.position) };
}

const say = ({ binlogFile, binlogPosition, gtidExecuted }: LogPlace) =>
  plainLine(`${binlogFile ?? 'no log'}:${binlogPosition ?? ''} (${gtidExecuted || 'no GTIDs'})`, 300);

/** Transactions that were prepared, and not committed, at the clone's instant: no snapshot holds them. */
async function rollBackPrepared(session: Session) {
  const prepared = await session.rows('XA RECOVER CONVERT XID');
  for (const { formatID, gtrid_length, data } of prepared) {
    const hex = (data ?? '').replace(/^0x/i, '');
    const [global, branch] = [hex.slice(0, Number(gtrid_length) * 2), hex.slice(Number(gtrid_length) * 2)];
    if (!/^[0-9a-f]*$/i.test(hex))
      throw new FiredrillError('ARTIFACT_FORMAT', `a prepared transaction has the name ${plainLine(hex)}`);
    await session.run(`XA ROLLBACK X'${global}', X'${branch}', ${Number(formatID)}`);
  }
}
