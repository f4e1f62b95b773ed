import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../../hosts/host.ts';
import { outputOf } from '../../../hosts/output.ts';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { type Digest, DigestStream } from '../../../kit/streams.ts';
import { GrafanaDatabase } from '../database/grafana-database.ts';
import { foldWal } from './fold-wal.ts';
import { spoolOutput } from './spool.ts';

const maxTries = 8;
const readDeadlineMs = 15 * 60_000;

/**
 * Copies a live database without SQLite on its host: the file and its -wal are read twice. What is the same in both reads, with
 * no transaction in progress before, between and after, was nobody's half-done work; SQLite's integrity check has the last word.
 * Returns the instant from which the copy is. SOURCE_UNSUITABLE when no try succeeds.
 */
export async function copyByReading(host: Host, database: string, path: string, activity: Activity): Promise<Date> {
  const why: string[] = [];
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    if (attempt > 0) await sleep(200 * attempt, undefined, { signal: activity.signal }).catch(() => {});
    const dataAt = activity.clock.now();
    const problem = await readTwice(host, database, path, activity.signal);
    if (!problem) return dataAt;
    why.push(problem);
    activity.tell({ service: null, phase: 'backup', text: `reading the database again: ${problem}` });
  }
  const sentence = `no consistent copy of ${database} could be read from ${host.label} in ${maxTries} tries: ${why.at(-1)}`;
  throw new FiredrillError('SOURCE_UNSUITABLE', sentence, {
    hint: `Install sqlite3 on ${host.label}: its online backup works under any load.`,
    detail: why,
  });
}

/** What stood against it; undefined when the copy at `path` is good. */
async function readTwice(host: Host, database: string, path: string, signal: AbortSignal): Promise<string | undefined> {
  await rm(`${path}-wal`, { force: true });
  const job = { args: [database], deadlineMs: readDeadlineMs, signal };
  const isBusy = () => hasJournal(host, database, signal);
  if (await isBusy()) return 'a transaction was in progress';
  const first = [
    await spoolOutput(host, { ...job, script: readMain }, path),
    await spoolOutput(host, { ...job, script: readWal }, `${path}-wal`),
  ];
  if (await isBusy()) return 'a transaction was in progress';
  const second = [
    await digestOfOutput(host, { ...job, script: readMain }),
    await digestOfOutput(host, { ...job, script: readWal }),
  ];
  if (await isBusy()) return 'a transaction was in progress';
  if (first.some((read, i) => read.sha256 !== second[i]?.sha256)) return 'it was written while it was read';
  return integrityProblem(path);
}

const readMain = 'exec cat < "$1"';
const readWal = 'if [ -e "$1-wal" ]; then exec cat < "$1-wal"; fi';
// A rollback journal that begins with zeros, or is empty, belongs to no transaction (journal_mode PERSIST, TRUNCATE).
const journalScript = 'if [ -s "$1-journal" ]; then head -c 8 < "$1-journal" | od -An -tx1; fi';

async function hasJournal(host: Host, database: string, signal: AbortSignal): Promise<boolean> {
  const head = await outputOf(host, { tool: 'sh', args: ['-c', journalScript, 'sh', database], signal });
  return /[1-9a-f]/.test(head);
}

async function digestOfOutput(
  host: Host,
  { script, args, ...rest }: { script: string; args: string[]; deadlineMs: number; signal: AbortSignal },
): Promise<Digest> {
  const running = host.run({ tool: 'sh', args: ['-c', script, 'sh', ...args], ...rest });
  const digest = new DigestStream();
  await Promise.all([pipeline(running.stdout, digest.resume()), running.done]);
  return digest.digest();
}

/** Opens the copy with its -wal, folds that in, and asks SQLite. */
function integrityProblem(path: string): string | undefined {
  try {
    foldWal(path);
    using db = new GrafanaDatabase(path, 'BACKUP_INCOMPLETE');
    const [row] = db.all('PRAGMA integrity_check(1)');
    return row?.integrity_check === 'ok' ? undefined : `integrity check: ${row?.integrity_check}`;
  } catch (error) {
    if (error instanceof FiredrillError) return error.message;
    throw error;
  }
}
