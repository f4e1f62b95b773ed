import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../hosts/host.ts';
import { outputOf, runToEnd } from '../../hosts/output.ts';
import { type Activity, retryPhase } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { Source } from '../engine.ts';
import { complaintOf } from './complaint.ts';
import { interrupted } from './interrupted.ts';
import type { InfluxdbSettings } from './settings.ts';

const cleanUpMs = 60_000;
/** A day's worth of shards takes minutes; this ends what hangs. */
const longestDumpMs = 6 * 3_600_000;
/** Before another try: a server that merges its files, or flushes its cache, is done with it in seconds. */
const growingMs = [2_000, 4_000, 8_000, 16_000];

const maxListBytes = 64 * 1024 * 1024;

/** $1: the dump's folder. One archive at a time is unpacked beside it: room for the largest shard is needed. */
const contentsScript = `
set -e
cd "$1"
for archive in *.s*.tar.gz; do
  mkdir look
  tar -xzf "$archive" -C look
  echo "archive $archive"
  find look -type f '(' -name '*.tsm' -o -name '*.tombstone' ')' -exec sha256sum '{}' +
  rm -rf look
done`;

type What = Pick<Source<InfluxdbSettings>, 'service' | 'settings'>;

/** A portable backup in a private folder on a server's host: made there, or brought there to be restored. Disposing of it removes the folder, whatever happened. */
export class RemoteDump implements AsyncDisposable {
  readonly #host: Host;
  readonly #folder: string;
  readonly #activity: Activity;

  private constructor(host: Host, folder: string, activity: Activity) {
    this.#host = host;
    this.#folder = folder;
    this.#activity = activity;
  }

  /** An own folder for each run: `influxd backup` names its files by the second and overwrites. */
  static async begin(host: Host, parent: string | undefined, activity: Activity): Promise<RemoteDump> {
    const place = parent === undefined ? ['-t'] : ['-p', parent];
    const args = ['-d', ...place, 'firedrill-influxdb-XXXXXXXX'];
    const { signal } = activity;
    const folder = (await outputOf(host, { tool: 'mktemp', args, signal, deadlineMs: cleanUpMs })).trim();
    if (!/^\/.*firedrill-influxdb-\w+$/.test(folder)) {
      throw new FiredrillError('TOOL_FAILED', `mktemp on ${host.label} named no folder`);
    }
    return new RemoteDump(host, folder, activity);
  }

  /**
   * Runs `influxd backup`. It tries for minutes to reach its server, appends to what it has of a broken transfer, and returns 0
   * after some of them, so its log is read as it comes: the first line that complains ends it. After a complaint that may pass
   * the folder is emptied and all is begun anew, as often as there are pauses; each time is told as `retryPhase`.
   */
  async run({ service, settings }: What, pausesMs: readonly number[] = growingMs): Promise<void> {
    const { database, backupPort } = settings;
    const options = ['-portable', '-host', `127.0.0.1:${backupPort}`, '-db', database];
    for (const [given, pauseMs] of [...pausesMs, undefined].entries()) {
      const log: string[] = [];
      const line = await this.#complaintOf(options, log);
      if (line === undefined) return;
      if (complaintOf(line) !== 'passing') throw this.#complaintError(line, backupPort, log);
      if (pauseMs === undefined) throw this.#givenUp(given + 1, line, log);
      const text = `influxd backup was begun anew (try ${given + 2} of ${pausesMs.length + 1}), since it said: ${plainLine(line)}`;
      this.#activity.tell({ service, phase: retryPhase, text });
      await this.#pause(pauseMs);
      await this.#empty();
    }
  }

  /** One run to its end, or to its first complaint, which is returned. @param log is filled with its last lines */
  async #complaintOf(options: readonly string[], log: string[]): Promise<string | undefined> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#activity.signal]);
    // The log goes to both stdout and stderr.
    const script = 'folder=$1; shift; exec influxd backup "$@" "$folder" 2>&1';
    const args = ['-c', script, 'sh', this.#folder, ...options];
    const running = this.#host.run({ tool: 'sh', args, signal, deadlineMs: longestDumpMs });
    let complaint: string | undefined;
    try {
      for await (const line of createInterface({ input: running.stdout })) {
        log.push(plainLine(line));
        if (log.length > 20) log.shift();
        if (complaintOf(line) === undefined) continue;
        complaint ??= line;
        stop.abort();
      }
      await running.done;
    } catch (error) {
      if (complaint === undefined) throw this.#incomplete('influxd backup failed', error, log);
    }
    await running.done.catch(() => {});
    return complaint;
  }

  async #pause(pauseMs: number) {
    try {
      await sleep(pauseMs, undefined, { signal: this.#activity.signal });
    } catch (error) {
      throw interrupted(error);
    }
  }

  /** Removed and made anew, so that nothing of the try before is left, whatever its name. */
  async #empty() {
    const args = ['-c', 'rm -rf -- "$1" && mkdir -m 700 -- "$1"', 'sh', this.#folder];
    await runToEnd(this.#host, { tool: 'sh', args, signal: this.#activity.signal, deadlineMs: cleanUpMs });
  }

  /** The dump's manifest, metadata, and the shard archives of these names, as a tar archive. */
  files(archives: readonly string[]): { stream: Readable; done: Promise<unknown> } {
    const script = 'cd "$1" && shift && exec tar -cf - *.manifest *.meta "$@"';
    const args = ['-c', script, 'sh', this.#folder, ...archives];
    const { stdout, done } = this.#host.run({ tool: 'sh', args, signal: this.#activity.signal });
    return { stream: stdout, done };
  }

  /** Unpacks what `files` of another dump gives. Files with mode 0600 would be "not found" by `influxd restore`. */
  async fill(stream: Readable): Promise<void> {
    // tar ends at the archive's end mark; what pads it is read away, or whoever sends it would be cut off.
    const script = 'tar -xf - -C "$1" && cat > /dev/null && chmod -R a+rX "$1"';
    const args = ['-c', script, 'sh', this.#folder];
    await runToEnd(this.#host, { tool: 'sh', args, stdin: stream, signal: this.#activity.signal });
  }

  /**
   * Runs `influxd restore`, which returns 0 after some failures: the first line that `isComplaint` is TARGET_FAILED.
   * @param as the name that the database gets there
   */
  async restore(
    { database, backupPort }: InfluxdbSettings,
    as: string,
    isComplaint: (line: string) => boolean,
  ): Promise<void> {
    const script = 'folder=$1; shift; exec influxd restore "$@" "$folder" 2>&1';
    const named = as === database ? [] : ['-newdb', as];
    const options = ['-portable', '-host', `127.0.0.1:${backupPort}`, '-db', database, ...named];
    const args = ['-c', script, 'sh', this.#folder, ...options];
    const { signal } = this.#activity;
    const running = this.#host.run({ tool: 'sh', args, signal, deadlineMs: longestDumpMs });
    const log: string[] = [];
    try {
      for await (const line of createInterface({ input: running.stdout })) log.push(plainLine(line));
      await running.done;
    } catch (error) {
      if (!isFiredrillError(error, 'TOOL_FAILED')) throw error;
      log.push(error.message);
    }
    const complaint = log.find(isComplaint);
    if (complaint === undefined) return;
    throw new FiredrillError('TARGET_FAILED', `influxd restore on ${this.#host.label} said: ${complaint}`, {
      detail: log.slice(-20),
    });
  }

  /** What each shard archive holds, looked at where it lies: nothing is fetched for it. */
  async contents(): Promise<Map<string, { name: string; sha256: string }[]>> {
    const args = ['-c', contentsScript, 'sh', this.#folder];
    const { signal } = this.#activity;
    const text = await outputOf(this.#host, { tool: 'sh', args, signal, deadlineMs: longestDumpMs }, maxListBytes);
    const contents = new Map<string, { name: string; sha256: string }[]>();
    let current: { name: string; sha256: string }[] = [];
    for (const line of text.split('\n')) {
      const archive = /^archive (.+)$/.exec(line)?.[1];
      if (archive) {
        current = [];
        contents.set(archive, current);
      }
      const [, sha256, name] = /^\\?([0-9a-f]{64}) .*\/([\w-]+\.(?:tsm|tombstone))$/.exec(line) ?? [];
      if (sha256 && name) current.push({ name, sha256 });
    }
    return contents;
  }

  /** The text of the manifest, which `influxd backup` writes last. */
  manifest(): Promise<string> {
    const args = ['-c', 'cat "$1"/*.manifest', 'sh', this.#folder];
    return outputOf(this.#host, { tool: 'sh', args, signal: this.#activity.signal, deadlineMs: cleanUpMs });
  }

  /** Without the activity's signal: it may be aborted already. */
  async [Symbol.asyncDispose]() {
    await runToEnd(this.#host, { tool: 'rm', args: ['-rf', '--', this.#folder], deadlineMs: cleanUpMs });
  }

  #givenUp(tries: number, line: string, detail: string[]) {
    const sentence = `influxd backup broke off in each of ${tries} tries; in the last it said: ${plainLine(line)}`;
    const hint =
      'Read in the log of InfluxDB why it sends no snapshot, or wait until it is less busy; then run the backup again.';
    return new FiredrillError('BACKUP_INCOMPLETE', sentence, { hint, detail });
  }

  #complaintError(line: string, backupPort: number, detail: string[]): unknown {
    if (complaintOf(line) === 'unreachable') {
      const hint = `Check bind-address in influxdb.conf and \`backupPort\` (${backupPort}) of this service.`;
      const sentence = `the backup service of InfluxDB does not answer at port ${backupPort} of ${this.#host.label}`;
      return new FiredrillError('SOURCE_UNREACHABLE', sentence, { hint, detail });
    }
    return this.#incomplete(`influxd backup said: ${plainLine(line)}`, undefined, detail);
  }

  #incomplete(sentence: string, error: unknown, detail: string[]): unknown {
    if (error !== undefined && !isFiredrillError(error, 'TOOL_FAILED')) return error;
    const why = error instanceof Error ? `: ${error.message}` : '';
    return new FiredrillError('BACKUP_INCOMPLETE', `${sentence}${why}`, { detail, cause: error });
  }
}
