import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Host } from '../../../hosts/host.ts';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { readTar } from '../../../kit/tar.ts';
import { GrafanaDatabase } from '../database/grafana-database.ts';
import { foldWal } from './fold-wal.ts';
import { spool, spoolOutput } from './spool.ts';

const maxTries = 3;
const readDeadlineMs = 15 * 60_000;

/**
 * Reads the file and its -wal twice, on their own host, where that takes milliseconds. What is the same in both reads, with no
 * transaction in progress before, between and after, is nobody's half-done work. A rollback journal that is empty or begins with
 * zeros belongs to no transaction (journal_mode TRUNCATE, PERSIST). Every container has /dev/shm, also a read-only one.
 */
const readScript = `set -u
umask 077
folder=$(mktemp -d 2> /dev/null || mktemp -d -p /dev/shm) || exit 1
trap 'trap "" HUP INT TERM; rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
copy=$folder/grafana.db
busy() { [ -s "$1-journal" ] && head -c 8 "$1-journal" | od -An -tx1 | grep -q '[1-9a-f]'; }
copy_wal() { [ ! -s "$1-wal" ] || cp "$1-wal" "$copy-wal"; }
same_wal() { if [ -e "$copy-wal" ]; then cmp -s "$1-wal" "$copy-wal"; else [ ! -s "$1-wal" ]; fi; }
take() {
  rm -f "$copy" "$copy-wal"
  ! busy "$1" && cp "$1" "$copy" && copy_wal "$1" && ! busy "$1" && cmp -s "$1" "$copy" && same_wal "$1" && ! busy "$1"
}
tries=100
until take "$1"; do
  tries=$((tries - 1))
  [ $tries -gt 0 ] || { echo 'it was written whenever it was read' >&2; exit 1; }
  sleep 0.1
done
tar -cf - -C "$folder" .`;

/**
 * Copies a live database without SQLite on its host. SQLite's integrity check has the last word. SOURCE_UNSUITABLE, with what to
 * install, when there is no quiet moment in ten seconds.
 */
export async function copyByReading(host: Host, database: string, path: string, activity: Activity): Promise<void> {
  let problem: string | undefined;
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    problem = await tryToRead(host, database, path, activity.signal);
    if (problem === undefined) return;
    activity.tell({ service: null, phase: 'backup', text: `reading the database again: ${problem}` });
  }
  throw unsuitable(host, database, problem ?? '');
}

function unsuitable(host: Host, database: string, why: string) {
  const sentence = `no consistent copy of ${database} could be read from ${host.label}: ${why}`;
  const hint = `Install sqlite3 on ${host.label}: its online backup works under any load.`;
  return new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint });
}

/** What stood against it; undefined when the copy at `path` is good. */
async function tryToRead(host: Host, database: string, path: string, signal: AbortSignal): Promise<string | undefined> {
  const archive = `${path}.tar`;
  try {
    await rm(`${path}-wal`, { force: true });
    await spoolOutput(host, { script: readScript, args: [database], deadlineMs: readDeadlineMs, signal }, archive);
    await unpack(archive, path);
    foldWal(path);
    return integrityProblem(path);
  } catch (error) {
    if (isFiredrillError(error, 'TOOL_FAILED')) throw unsuitable(host, database, error.detail.join('; '));
    if (!isFiredrillError(error, 'ARTIFACT_FORMAT', 'BACKUP_INCOMPLETE')) throw error;
    return error.message;
  } finally {
    await rm(archive, { force: true });
  }
}

async function unpack(archive: string, path: string) {
  for await (const { name, content } of readTar(createReadStream(archive))) {
    if (name === './grafana.db') await spool(content, path);
    else if (name === './grafana.db-wal') await spool(content, `${path}-wal`);
  }
}

function integrityProblem(path: string): string | undefined {
  using db = new GrafanaDatabase(path, 'BACKUP_INCOMPLETE');
  const [row] = db.all('PRAGMA integrity_check(1)');
  return row?.integrity_check === 'ok' ? undefined : `integrity check: ${row?.integrity_check}`;
}
