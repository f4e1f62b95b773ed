import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Host } from '../../../hosts/host.ts';
import { outputOf } from '../../../hosts/output.ts';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError, isFiredrillError, messageOf } from '../../../kit/errors.ts';
import { copyByReading } from './copy-by-reading.ts';
import { foldWal } from './fold-wal.ts';
import type { ScratchSpace } from './scratch-space.ts';
import { spoolOutput } from './spool.ts';

export interface DatabaseCopy {
  /** On this machine: one file, in journal mode `delete`. */
  path: string;
  /** Everything that was committed before it is in the copy. */
  dataAt: Date;
  /** How it was made, for the manifest. */
  method: 'sqlite-backup' | 'proven-read';
  /** SQLite's version where it made the copy. */
  sqlite: string;
}

const backupDeadlineMs = 15 * 60_000;

/**
 * Takes a consistent copy of a live database: by SQLite's online backup, else by reading it until two reads agree. A plain copy
 * was corrupt in one of ten tries under load. SOURCE_UNSUITABLE with what to install when none can be had.
 */
export async function copyDatabase(
  host: Host,
  database: string,
  scratch: ScratchSpace,
  activity: Activity,
): Promise<DatabaseCopy> {
  const path = scratch.file('grafana.db');
  await assertReadable(host, database, activity.signal);
  const dataAt = activity.clock.now();
  const sqlite = await backUpOnline(host, database, path, activity);
  if (sqlite !== undefined) {
    foldWal(path);
    return { path, dataAt, method: 'sqlite-backup', sqlite };
  }
  await copyByReading(host, database, path, activity);
  return { path, dataAt, method: 'proven-read', sqlite: process.versions.sqlite ?? 'of Node' };
}

const lookScript = '[ -e "$1" ] || { echo missing; exit; }; [ -r "$1" ] && echo readable || echo unreadable';

export async function assertReadable(host: Host, file: string, signal: AbortSignal): Promise<void> {
  const state = (await outputOf(host, { tool: 'sh', args: ['-c', lookScript, 'sh', file], signal })).trim();
  if (state === 'readable') return;
  if (state === 'unreadable') {
    throw new FiredrillError('SOURCE_DENIED', `${file} on ${host.label} may not be read`, {
      hint: 'Reach the host as a user who may read it, such as a member of the group grafana.',
    });
  }
  throw new FiredrillError('SOURCE_UNSUITABLE', `there is no ${file} on ${host.label}`, {
    hint: "Set settings.database to the path in Grafana's [database] section, and settings.files to what is there.",
  });
}

/** The version of the SQLite that made the copy; undefined when the host has none, or it could not. */
async function backUpOnline(host: Host, database: string, path: string, activity: Activity) {
  if (host.label === 'local') return backUpHere(database, path, activity);
  try {
    return await backUpThere(host, database, path, activity);
  } catch (error) {
    if (!isFiredrillError(error, 'TOOL_FAILED', 'DEADLINE')) throw error;
    activity.tell({ service: null, phase: 'backup', text: `sqlite3 could not copy: ${error.detail.join(' ')}` });
    return undefined;
  }
}

async function backUpHere(database: string, path: string, activity: Activity) {
  try {
    using source = new DatabaseSync(pathToFileURL(database), { readOnly: true, timeout: 10_000 });
    await backup(source, path, { rate: 10_000 });
    return process.versions.sqlite ?? 'of Node';
  } catch (error) {
    activity.tell({ service: null, phase: 'backup', text: `SQLite could not copy: ${messageOf(error)}` });
    return undefined;
  }
}

// -readonly: the tool must leave no -wal or -shm of its own, which Grafana could not open.
const backupScript = `set -eu
umask 077
folder=$(mktemp -d)
trap 'trap "" HUP INT TERM; rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
sqlite3 -readonly "$1" ".timeout 10000" ".backup '$folder/grafana.db'" >&2
cat "$folder/grafana.db"`;

async function backUpThere(host: Host, database: string, path: string, activity: Activity) {
  const script = 'command -v sqlite3 > /dev/null && sqlite3 --version || echo none';
  const { signal } = activity;
  const [version = ''] = (await outputOf(host, { tool: 'sh', args: ['-c', script], signal })).split(' ');
  if (!/^\d/.test(version)) return undefined;
  const job = { script: backupScript, args: [database], deadlineMs: backupDeadlineMs, signal };
  await spoolOutput(host, job, path);
  return version;
}
