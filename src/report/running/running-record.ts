import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgressEvent } from '../../kit/activity.ts';
import { compactInstant } from '../../kit/clock.ts';
import { isRunning } from '../../kit/files.ts';
import { ownOwner } from '../../kit/owner.ts';
import { shortened } from '../../kit/text.ts';
import type { VerdictWord } from '../../model/journal.ts';
import { type RunningBegin, type RunningLine, runningFilePattern } from '../../model/running-drill.ts';

/** Under the reports' folder. */
export const runningFolder = '.running';

const flushMs = 250;
/** How long a disk that hangs may hold up a drill that has ended. */
const patienceMs = 2_000;
const maxWaiting = 1_000;
const maxBytes = 4 * 1024 * 1024;

/**
 * Writes down how far a drill has come, for `firedrill serve`, in a file that is there as long as the drill runs. It is a
 * courtesy: nothing waits for it, and whatever goes wrong with it ends it and nothing else.
 */
export class RunningRecord implements AsyncDisposable {
  #begunMs = 0;
  #lines: string[] = [];
  #room = maxBytes;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #path: string | undefined;
  #handle: FileHandle | undefined;
  #broken = false;

  /** @param now the drill's begin */
  begin(reportsFolder: string, about: Omit<RunningBegin, 'kind' | 'owner' | 'startedAt'>, now = new Date()): void {
    if (this.#path !== undefined) return;
    const folder = join(reportsFolder, runningFolder);
    this.#begunMs = performance.now();
    this.#path = join(folder, `${compactInstant(now)}-${about.name}.${process.pid}.jsonl`);
    this.#add({ kind: 'begin', owner: ownOwner(), startedAt: now.toISOString(), ...about });
    this.#writing = this.#guarded(async () => {
      await mkdir(folder, { recursive: true, mode: 0o750 });
      await removeLeft(folder);
      this.#handle = await open(this.#path ?? '', 'wx', 0o640);
    });
    this.#timer = setInterval(() => this.#flush(), flushMs).unref();
  }

  tell({ service, phase, text, bytes, totalBytes }: ProgressEvent): void {
    const numbers = { ...(bytes === undefined ? {} : { bytes }), ...(totalBytes === undefined ? {} : { totalBytes }) };
    this.#add({ kind: 'step', atMs: this.#elapsedMs(), service, phase, text: shortened(text, 500), ...numbers });
  }

  /** Says how it ended, and where its report lies; then the file is gone. */
  async end(verdict: VerdictWord | null = null, folder: string | null = null): Promise<void> {
    const path = this.#path;
    if (path === undefined || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    // Always room for it: it is what those who watch are waiting for.
    this.#lines.push(
      `${JSON.stringify({ kind: 'end', atMs: this.#elapsedMs(), verdict, folder } satisfies RunningLine)}\n`,
    );
    const ending = this.#guarded(async () => {
      await this.#writing;
      this.#flush();
      await this.#writing;
      await this.#handle?.close();
      await rm(path, { force: true });
    });
    await Promise.race([ending, sleep(patienceMs, undefined, { ref: false })]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#begunMs);
  }

  #add(line: RunningLine): void {
    if (this.#broken || this.#path === undefined || this.#lines.length >= maxWaiting) return;
    const text = `${JSON.stringify(line)}\n`;
    this.#room -= Buffer.byteLength(text);
    if (this.#room > 0) this.#lines.push(text);
  }

  /** What has gathered, in one write, when the one before has ended. */
  #flush(): void {
    const before = this.#writing;
    this.#writing = this.#guarded(async () => {
      await before;
      const text = this.#lines.splice(0).join('');
      if (text !== '') await this.#handle?.appendFile(text);
    });
  }

  async #guarded(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch {
      this.#broken = true;
    }
  }
}

/** Of processes of this machine that were killed. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = runningFilePattern.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}
