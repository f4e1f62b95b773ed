import { outputOf } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { Diagnosis } from '../engine.ts';
import { readAccountsOf } from './accounts.ts';
import type { Session } from './client.ts';
import { diagnoseHeartbeat } from './heartbeat.ts';
import { findCloneObstacles } from './physical/clonable.ts';
import { listBrokenViews } from './read-schema.ts';
import { readIdentity } from './snapshot.ts';
import { grantStatement, type MysqlSource, missingPrivileges, openSource } from './source.ts';
import { findObstacles } from './suitability.ts';
import { engineVersionOf } from './version.ts';

/** What stands in the way of backups of this source, and what to do about it. Never throws but when interrupted. */
export async function diagnoseSource(source: MysqlSource, activity: Activity): Promise<Diagnosis[]> {
  const tool = await attempt(() => lookForClient(source, activity));
  let session: Session;
  try {
    session = await openSource(source, activity);
  } catch (error) {
    return [...tool, problem(error)];
  }
  await using held = session;
  const where = `${source.service}: the server on ${source.host.label}`;
  const looks = [
    async () => [await lookAtServer(held, source)],
    () => lookAtGrants(held, source),
    () => lookAtBinlog(held, source),
    async () => [await diagnoseHeartbeat(held, source)],
    () => lookAtTables(held, source),
    () => lookAtClone(held, source, activity),
  ];
  const found = [];
  for (const look of looks) found.push(...(await attempt(look)));
  return [...tool, { ok: true, what: `${where} answers, and lets ${source.settings.user} in` }, ...found];
}

async function attempt(look: () => Promise<Diagnosis[]>): Promise<Diagnosis[]> {
  try {
    return await look();
  } catch (error) {
    return [problem(error)];
  }
}

function problem(error: unknown): Diagnosis {
  if (!(error instanceof FiredrillError) || error.code === 'INTERRUPTED') throw error;
  return { ok: false, what: error.message, advice: error.hint };
}

async function lookForClient({ host, service }: MysqlSource, { signal }: Activity): Promise<Diagnosis[]> {
  const said = plainLine((await outputOf(host, { tool: 'mysql', args: ['--version'], signal })).trim(), 200);
  if (!/mariadb/i.test(said)) return [{ ok: true, what: `${service}: ${host.label} has ${said}` }];
  const what = `${service}: the mysql on ${host.label} is MariaDB's client`;
  return [{ ok: false, what, advice: "Install MySQL's own client there (package mysql-client of MySQL or Oracle)." }];
}

async function lookAtServer(session: Session, source: MysqlSource): Promise<Diagnosis> {
  const { version, replica } = await readIdentity(session, source);
  const what = `${source.service}: MySQL ${engineVersionOf(version, source.service)}`;
  return { ok: true, what: `${what}, ${replica === null ? 'no replica' : 'a replica that follows its source'}` };
}

async function lookAtGrants(session: Session, source: MysqlSource): Promise<Diagnosis[]> {
  const { service, settings } = source;
  const missing = await missingPrivileges(session);
  if (missing.length > 0) {
    const what = `${service}: ${settings.user} lacks ${missing.join(', ')} on *.*`;
    return [{ ok: false, what, advice: `Type on the source, as an administrator: ${grantStatement(settings.user)}` }];
  }
  const { accounts } = await readAccountsOf(session, settings.databases);
  return [{ ok: true, what: `${service}: ${settings.user} has all grants, and sees ${accounts.length} accounts` }];
}

async function lookAtBinlog(session: Session, { service }: MysqlSource): Promise<Diagnosis[]> {
  const [row] = await session.rows('SELECT @@log_bin AS logs, @@gtid_mode AS gtids');
  if (row?.logs === '1' && row.gtids === 'ON')
    return [{ ok: true, what: `${service}: the binary log is on, with GTIDs` }];
  const what = `${service}: ${row?.logs === '1' ? 'the binary log has no GTIDs' : 'the binary log is off'}`;
  const advice = 'Full backups work without; for increments set log_bin, gtid_mode=ON and enforce_gtid_consistency=ON.';
  return [{ ok: false, what, advice }];
}

async function lookAtTables(session: Session, { service, settings }: MysqlSource): Promise<Diagnosis[]> {
  const obstacles = await findObstacles(session, settings.databases);
  const broken = await listBrokenViews(session, settings.databases);
  const found = [
    ...obstacles.map(({ sentence, hint }) => ({ ok: false, what: `${service}: ${sentence}`, advice: hint })),
    ...broken.map((view) => ({
      ok: false,
      what: `${service}: view ${view} cannot be used on the source, and is not backed up`,
      advice: 'Mend it or drop it on the source.',
    })),
  ];
  return found.length > 0 ? found : [{ ok: true, what: `${service}: all tables can be backed up under one snapshot` }];
}

/** Of a source whose fulls are clones. */
async function lookAtClone(session: Session, source: MysqlSource, { signal }: Activity): Promise<Diagnosis[]> {
  const { service, settings } = source;
  if (settings.format !== 'physical') return [];
  const obstacles = await findCloneObstacles(session, source, signal);
  const found = obstacles.map(({ sentence, hint }) => ({ ok: false, what: `${service}: ${sentence}`, advice: hint }));
  return found.length > 0
    ? found
    : [{ ok: true, what: `${service}: the server can clone itself into ${settings.cloneFolder}` }];
}
