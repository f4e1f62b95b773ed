import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Host } from '../../hosts/host.ts';
import { outputOf, runToEnd } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { InfluxdbSettings } from './settings.ts';

const cleanUpMs = 60_000;
/** A day's worth of shards takes minutes; this ends what hangs. */
const longestDumpMs = 6 * 3_600_000;

/** A portable backup in a private folder on the source's host. Disposing of it removes the folder, whatever happened. */
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
   * Runs `influxd backup`. It tries for minutes to reach its server and returns 0 after some broken transfers, so its
   * log is read as it comes: the first line that tells of a failure ends it.
   */
  async run({ database, backupPort }: InfluxdbSettings): Promise<void> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#activity.signal]);
    // The log goes to both stdout and stderr.
    const script = 'folder=$1; shift; exec influxd backup "$@" "$folder" 2>&1';
    const options = ['-portable', '-host', `127.0.0.1:${backupPort}`, '-db', database];
    const args = ['-c', script, 'sh', this.#folder, ...options];
    const running = this.#host.run({ tool: 'sh', args, signal, deadlineMs: longestDumpMs });
    let complaint: string | undefined;
    const log: string[] = [];
    try {
      for await (const line of createInterface({ input: running.stdout })) {
        log.push(plainLine(line));
        if (log.length > 20) log.shift();
        if (!/\bfail|snapshotter busy|without (cache|snapshot) contents/i.test(line)) continue;
        complaint ??= line;
        stop.abort();
      }
      await running.done;
    } catch (error) {
      if (complaint === undefined) throw this.#incomplete('influxd backup failed', error, log);
    }
    await running.done.catch(() => {});
    if (complaint !== undefined) throw this.#complaintError(complaint, backupPort, log);
  }

  /** The dump's files as a tar archive. */
  files(): { stream: Readable; done: Promise<unknown> } {
    const script = 'cd "$1" && exec tar -cf - *.manifest *.meta *.s*.tar.gz';
    const args = ['-c', script, 'sh', this.#folder];
    const { stdout, done } = this.#host.run({ tool: 'sh', args, signal: this.#activity.signal });
    return { stream: stdout, done };
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

  #complaintError(line: string, backupPort: number, detail: string[]): unknown {
    if (/refused|no route|unreachable|i\/o timeout|no such host/i.test(line)) {
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
