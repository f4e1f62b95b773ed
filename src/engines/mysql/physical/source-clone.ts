import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOf, runToEnd } from '../../../hosts/output.ts';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { Blame } from '../client.ts';
import { quoteText } from '../names.ts';
import { blameSource, type MysqlSource, openSource } from '../source.ts';
import { explainRefusal } from './clonable.ts';

const cleanUpMs = 120_000;
const pollMs = 100;

/** A file below a clone's folder. */
export interface FoundFile {
  name: string;
  bytes: number;
}

/**
 * A clone that a server makes of itself into a private folder on its own host. Disposing of it ends the server's work on it, and
 * removes the folder, whatever happened; what a killed run has left is removed by the next one.
 */
export class SourceClone implements AsyncDisposable {
  #folder: string;
  readonly #source: MysqlSource;
  readonly #signal: AbortSignal;

  private constructor(folder: string, source: MysqlSource, signal: AbortSignal) {
    this.#folder = folder;
    this.#source = source;
    this.#signal = signal;
  }

  /** Removes what earlier runs of this service have left. SOURCE_UNSUITABLE while the server is busy with somebody's clone. */
  static async begin(source: MysqlSource, { signal }: Activity): Promise<SourceClone> {
    const parent = source.settings.cloneFolder ?? '';
    const prefix = `firedrill-clone-${source.service}-`;
    await endClones(source, posix.join(parent, prefix), signal);
    // Of a folder that is not there nothing is left; what follows says that it is missing.
    const args = ['-c', 'ls -1 -- "$1" 2> /dev/null || true', 'sh', parent];
    const said = await outputOf(source.host, { tool: 'sh', args, signal, deadlineMs: cleanUpMs });
    const isOurs = (name: string) => name.startsWith(prefix) && /^[0-9a-f]{8}$/.test(name.slice(prefix.length));
    for (const name of said.split('\n').filter(isOurs)) await remove(source, posix.join(parent, name));
    return new SourceClone(posix.join(parent, `${prefix}${randomBytes(4).toString('hex')}`), source, signal);
  }

  get folder(): string {
    return this.#folder;
  }

  /** Removes what was made; the next one has another name, so that the server's tables tell the two apart. */
  async discard(): Promise<void> {
    await remove(this.#source, this.#folder);
    this.#folder = `${this.#folder.slice(0, -8)}${randomBytes(4).toString('hex')}`;
  }

  /** Resolves when the clone is whole. */
  async make(): Promise<void> {
    await using session = await openSource(this.#source, { signal: this.#signal }, blameClone(this.#source));
    await session.run(`CLONE LOCAL DATA DIRECTORY = ${quoteText(this.folder)}`);
  }

  /** All that lies in it: files, and the names of folders. */
  async look(): Promise<{ files: FoundFile[]; folders: string[] }> {
    const args = ['-c', 'cd "$1" && exec find . -mindepth 1 -printf "%y %s %P\\n"', 'sh', this.folder];
    const said = await outputOf(this.#source.host, { tool: 'sh', args, signal: this.#signal }, 64 * 1024 ** 2);
    const found = { files: [] as FoundFile[], folders: [] as string[] };
    for (const line of said.trimEnd().split('\n')) {
      const [, type, bytes, name = line] = /^(.) (\d+) (.*)$/.exec(line) ?? [];
      if (type === 'f') found.files.push({ name, bytes: Number(bytes) });
      else if (type === 'd') found.folders.push(name);
      else throw new FiredrillError('BACKUP_INCOMPLETE', `the clone holds ${plainLine(name)}, which is no file`);
    }
    return found;
  }

  /** The content of these files, one right after the other. */
  read(names: readonly string[]): { stream: Readable; done: Promise<unknown> } {
    const args = ['-c', 'cd "$1" && exec xargs -0 cat --', 'sh', this.folder];
    const stdin = Readable.from([Buffer.from(names.map((name) => `${name}\0`).join(''))]);
    const { stdout, done } = this.#source.host.run({ tool: 'sh', args, stdin, signal: this.#signal });
    done.catch(() => {});
    return { stream: stdout, done };
  }

  /** Without the activity's signal: it may be aborted already. */
  async [Symbol.asyncDispose]() {
    const { signal } = new AbortController();
    await endClones(this.#source, this.folder, signal).catch((error: unknown) => {
      // The server may be gone: then it writes no more.
      if (!isFiredrillError(error, 'SOURCE_UNREACHABLE', 'HOST_UNREACHABLE')) throw error;
    });
    await remove(this.#source, this.folder);
  }
}

async function remove({ host }: MysqlSource, folder: string) {
  await runToEnd(host, { tool: 'rm', args: ['-rf', '--', folder], deadlineMs: cleanUpMs });
}

/** Ends clones whose folder begins with `folder`, and waits until the server is done with them: it would go on without us. */
async function endClones(source: MysqlSource, folder: string, signal: AbortSignal) {
  await using session = await openSource(source, { signal });
  const running = `SELECT PROCESSLIST_ID AS id, PROCESSLIST_INFO AS sql_text FROM performance_schema.threads
     WHERE PROCESSLIST_INFO LIKE 'CLONE %' AND PROCESSLIST_ID <> CONNECTION_ID()`;
  for (const end = performance.now() + cleanUpMs; performance.now() < end; await sleep(pollMs, undefined, { signal })) {
    const ours = (await session.rows(running)).filter(({ sql_text }) => sql_text?.includes(`'${folder}`));
    if (ours.length === 0) return;
    for (const { id } of ours) await session.run(`KILL ${Number(id)}`).catch(unlessGone);
  }
  const sentence = `${source.service}: the server goes on with a clone that was told to end`;
  throw new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint: 'Look for it on the source: SHOW PROCESSLIST' });
}

/** A thread may have ended by itself. */
function unlessGone(error: unknown) {
  if (!isFiredrillError(error, 'BACKUP_INCOMPLETE')) throw error;
}

/** Errors of the clone plugin and of what it meets on disk. */
const refusals = { tooMany: 3634, diskFull: 1021 };

function blameClone(source: MysqlSource): Blame {
  return (fault) => {
    const { service } = source;
    const said = plainLine(fault.message);
    const known = explainRefusal(fault.errno, fault.message);
    if (known) return new FiredrillError('SOURCE_UNSUITABLE', `${service}: ${known.sentence}`, { hint: known.hint });
    if (fault.errno === refusals.tooMany) {
      const hint = 'Wait until that clone is done (performance_schema.clone_status), then run it again.';
      return new FiredrillError('SOURCE_UNSUITABLE', `${service}: the source makes another clone: ${said}`, { hint });
    }
    const blamed = blameSource(source)(fault);
    if (blamed.code !== 'BACKUP_INCOMPLETE') return blamed;
    const hint = `Read what it said; "cloneFolder" (${source.settings.cloneFolder}) must be writable for the server.`;
    const sentence = `${service}: the source made no clone of itself: ${said} (${fault.errno})`;
    return new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint });
  };
}
