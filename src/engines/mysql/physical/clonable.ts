import { outputOf } from '../../../hosts/output.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { formatBytes } from '../../../kit/units.ts';
import type { Session } from '../client.ts';
import type { MysqlSource } from '../source.ts';
import type { Obstacle } from '../suitability.ts';
import { isAtLeast } from '../version.ts';

/** What stands in the way of cloning a source, by its server and by what its host says of the folders there. */
export async function findCloneObstacles(
  session: Session,
  source: MysqlSource,
  signal: AbortSignal,
): Promise<Obstacle[]> {
  const version = (await session.value('SELECT VERSION()')) ?? '';
  if (!isAtLeast(version, 8, 1) && !/^8\.0\.(1[7-9]|[2-9]\d)/.test(version)) return [tooOld(version)];
  const server = [
    ...(await lookAtPlugin(session)),
    ...(await lookAtEncryption(session)),
    ...(await lookAtDataFile(session)),
  ];
  return [...server, ...(await lookAtFolders(session, source, signal))];
}

export async function assertClonable(session: Session, source: MysqlSource, signal: AbortSignal): Promise<void> {
  const [first, ...more] = await findCloneObstacles(session, source, signal);
  if (!first) return;
  throw new FiredrillError('SOURCE_UNSUITABLE', `${source.service}: ${first.sentence}`, {
    hint: first.hint,
    detail: more.map(({ sentence }) => sentence),
  });
}

const backToLogical = 'or set "format: logical" for this service.';

function tooOld(version: string): Obstacle {
  return {
    sentence: `MySQL ${version} cannot clone itself: 8.0.17 and later can`,
    hint: `Upgrade it, ${backToLogical}`,
  };
}

async function lookAtPlugin(session: Session): Promise<Obstacle[]> {
  const status = await session.value(
    "SELECT PLUGIN_STATUS FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'clone'",
  );
  if (status === 'ACTIVE') return [];
  return [
    {
      sentence: `the clone plugin is ${status === undefined ? 'not installed' : `${status}`.toLowerCase()}`,
      hint: "Type on the source, as an administrator: INSTALL PLUGIN clone SONAME 'mysql_clone.so';",
    },
  ];
}

/** Of all databases: a clone is of the whole server. */
async function lookAtEncryption(session: Session): Promise<Obstacle[]> {
  const [logs] = await session.rows('SELECT @@innodb_redo_log_encrypt AS isRedo, @@innodb_undo_log_encrypt AS isUndo');
  const log = logs?.isRedo === '1' ? 'redo' : logs?.isUndo === '1' ? 'undo' : undefined;
  const table = await session.value(
    `SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLES
     WHERE TABLE_TYPE = 'BASE TABLE' AND CREATE_OPTIONS LIKE '%ENCRYPTION=''Y''%' LIMIT 1`,
  );
  const what = log ? `the ${log} log` : table ? `table ${table}` : undefined;
  if (what === undefined) return [];
  const sentence = `${what} is encrypted at rest, and a drill has no keyring to restore a clone of it with`;
  return [{ sentence, hint: `Switch its encryption off on the source, ${backToLogical}` }];
}

async function lookAtDataFile(session: Session): Promise<Obstacle[]> {
  const path = (await session.value('SELECT @@innodb_data_file_path')) ?? '';
  if (/^ibdata1:\d+[KMG]?:autoextend$/i.test(path)) return [];
  const sentence = `innodb_data_file_path is ${path}: only one file ibdata1 that extends itself can be restored`;
  return [{ sentence, hint: `This server needs ${backToLogical.replace('or set ', '')}` }];
}

/** $1: the folder for clones. $2: the server's data folder, whose auto.cnf names the server. */
const foldersScript = `
id -u
[ -d "$2" ] || echo absent
grep '^server-uuid=' "$2/auto.cnf" 2> /dev/null || echo unreadable
stat -c '%u' "$2" 2> /dev/null || echo unknown
stat -L -c '%F|%u|%a' "$1" 2> /dev/null || echo missing
df -Pk "$1" 2> /dev/null | tail -n 1
`;

async function lookAtFolders(session: Session, source: MysqlSource, signal: AbortSignal): Promise<Obstacle[]> {
  const { host, settings } = source;
  const folder = settings.cloneFolder ?? '';
  const [row] = await session.rows('SELECT @@datadir AS data, @@server_uuid AS uuid');
  const data = row?.data ?? '';
  const said = await outputOf(host, {
    ...{ tool: 'sh', args: ['-c', foldersScript, 'sh', folder, data], signal, deadlineMs: 60_000 },
  });
  const about = { label: host.label, folder, data, uuid: row?.uuid ?? '', neededBytes: await estimateBytes(session) };
  const found = judgeFolders(said, about);
  return found ? [found] : [];
}

/** What firedrill knows of a server and its host. */
export interface FoldersOf {
  label: string;
  folder: string;
  /** The server's data folder. */
  data: string;
  uuid: string;
  neededBytes: number;
}

/** By what `foldersScript` says on the host. */
export function judgeFolders(said: string, about: FoldersOf): Obstacle | undefined {
  const { label, folder, data, neededBytes } = about;
  const [user = '', uuid = '', owner = '', clones = '', disk = ''] = said.split('\n');
  if (uuid === 'absent' || (uuid !== 'unreadable' && uuid !== `server-uuid=${about.uuid}`)) return elsewhere(label);
  // What a server writes, only it and root may remove again.
  if (uuid === 'unreadable' || (user !== '0' && user !== owner)) return notOurs(label, data);
  const [kind, folderOwner, mode = ''] = clones.split('|');
  if (kind !== 'directory') return noFolder(folder, label);
  const mayWrite = owner === '0' || folderOwner === owner || (Number.parseInt(mode, 8) & 0o022) !== 0;
  if (!mayWrite) return notWritable(folder, label);
  const availableBytes = Number(disk.trim().split(/\s+/).at(-3)) * 1024;
  return availableBytes >= neededBytes ? undefined : noRoom(folder, label, neededBytes, availableBytes);
}

const mib = 1024 ** 2;

/** Of a clone, by the server's own statistics, with room for logs and the server's own tables. */
export async function estimateBytes(session: Session): Promise<number> {
  const tables = await session.value(
    "SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH + DATA_FREE), 0) FROM information_schema.TABLES WHERE ENGINE = 'InnoDB'",
  );
  return Math.ceil(Number(tables) * 1.1) + 256 * mib;
}

function notOurs(label: string, data: string): Obstacle {
  return {
    sentence: `on ${label}, firedrill's account can neither read nor remove what the server writes (its data folder is ${data})`,
    hint: `Let firedrill reach ${label} as the server's own user or as root, ${backToLogical}`,
  };
}

function elsewhere(label: string): Obstacle {
  return {
    sentence: `the server does not run on ${label}, but elsewhere: its clone would lie where firedrill cannot fetch it`,
    hint: `Name the server's own host under "reach" of this service (ssh or docker), ${backToLogical}`,
  };
}

function noFolder(folder: string, label: string): Obstacle {
  return {
    sentence: `there is no folder ${folder} on ${label}, which "cloneFolder" names`,
    hint: `Make it there, outside of the server's data folder, and give it to the server's user.`,
  };
}

function notWritable(folder: string, label: string): Obstacle {
  return {
    sentence: `the server cannot write into ${folder} on ${label}, which "cloneFolder" names`,
    hint: "Give that folder to the server's user (chown), and look for AppArmor or SELinux rules.",
  };
}

function noRoom(folder: string, label: string, neededBytes: number, availableBytes: number): Obstacle {
  const [needed, available] = [neededBytes, availableBytes].map((bytes) => formatBytes(bytes));
  return {
    sentence: `a clone needs ${needed} in ${folder} on ${label}, and there are ${available}`,
    hint: 'Free space there, or name a folder on a larger disk under "cloneFolder".',
  };
}

/** What the server says against a clone of its own. undefined: nothing that is known. */
export function explainRefusal(errno: number, message: string): Obstacle | undefined {
  const outside = /File '(.*)' already exists/.exec(message)?.[1];
  if (errno === 1086) {
    return {
      sentence: `${outside ?? 'a tablespace'} lies outside of the server's data folder, and cannot be cloned`,
      hint: `Move that tablespace into the data folder, ${backToLogical}`,
    };
  }
  return undefined;
}
