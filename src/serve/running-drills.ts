import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessGone } from '../kit/errors.ts';
import { isOwnerAlive } from '../kit/owner.ts';
import {
  afterLine,
  begunDrill,
  parseRunningLine,
  type RunningDrill,
  runningFilePattern,
} from '../model/running-drill.ts';
import { runningFolder } from '../report/running/running-record.ts';

/** A drill that runs, or has just ended. */
export interface SeenDrill {
  drill: RunningDrill;
  /** `lost`: its process is gone, and it did not say how it ended. */
  state: 'running' | 'ended' | 'lost';
}

const maxFiles = 20;
const maxLineChars = 64 * 1024;
const maxFileBytes = 8 * 1024 * 1024;
const chunkBytes = 256 * 1024;
/** Shown for as long after they have ended. */
const keptMs = 10 * 60_000;
const maxEnded = 3;

/** Follows the files of running drills; what was read once is not read again. */
export class RunningDrills implements AsyncDisposable {
  readonly #folder: string;
  readonly #tails = new Map<string, Tail>();
  #ended: { seen: SeenDrill; atMs: number }[] = [];
  #reading: Promise<SeenDrill[]> | undefined;

  constructor(reportsFolder: string) {
    this.#folder = join(reportsFolder, runningFolder);
  }

  /** The newest first. One look at a time: whoever asks meanwhile gets the same. */
  look(): Promise<SeenDrill[]> {
    this.#reading ??= this.#look().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reading?.catch(() => {});
    for (const tail of this.#tails.values()) await tail.close();
    this.#tails.clear();
  }

  async #look(): Promise<SeenDrill[]> {
    const listed = (await unlessGone(readdir(this.#folder)).catch(() => undefined)) ?? [];
    const names = listed.filter((name) => runningFilePattern.test(name)).sort();
    for (const name of names.slice(-maxFiles)) {
      if (!this.#tails.has(name)) await this.#follow(name);
    }
    const running: SeenDrill[] = [];
    for (const [name, tail] of this.#tails) {
      await tail.read();
      const state = tail.drill && stateOf(tail.drill);
      if (tail.drill && state === 'running' && names.includes(name)) running.push({ drill: tail.drill, state });
      else if (!names.includes(name) || state !== undefined) await this.#close(name, tail, names.includes(name));
    }
    const now = performance.now();
    this.#ended = this.#ended.filter(({ atMs }) => now - atMs < keptMs).slice(0, maxEnded);
    return [...running.reverse(), ...this.#ended.map((each) => each.seen)];
  }

  async #follow(name: string): Promise<void> {
    const tail = await unlessGone(Tail.open(join(this.#folder, name))).catch(() => undefined);
    if (tail) this.#tails.set(name, tail);
  }

  /** Its file is gone, or will be soon; what is left of a killed one is not followed again as long as it lies there. */
  async #close(name: string, tail: Tail, isThere: boolean): Promise<void> {
    await tail.close();
    if (!isThere) this.#tails.delete(name);
    if (!tail.drill || tail.isTold) return;
    tail.isTold = true;
    const state = tail.drill.end ? 'ended' : 'lost';
    this.#ended.unshift({ seen: { drill: tail.drill, state }, atMs: performance.now() });
  }
}

function stateOf({ begin, end }: RunningDrill): SeenDrill['state'] {
  if (end) return 'ended';
  return isOwnerAlive(begin.owner) ? 'running' : 'lost';
}

/** One file, read as it grows; also to its end after it was removed. */
class Tail {
  drill: RunningDrill | undefined;
  /** Whether its end is among those that are shown. */
  isTold = false;
  #handle: FileHandle | undefined;
  #offset = 0;
  #rest = '';
  readonly #decoder = new TextDecoder();

  static async open(file: string): Promise<Tail | undefined> {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const tail = new Tail();
    tail.#handle = handle;
    if ((await handle.stat()).isFile()) return tail;
    await handle.close();
    return undefined;
  }

  async read(): Promise<void> {
    const buffer = Buffer.alloc(chunkBytes);
    while (this.#handle && this.#offset < maxFileBytes) {
      const { bytesRead } = await this.#handle.read(buffer, 0, chunkBytes, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      this.#take(this.#decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, maxLineChars);
    for (const each of lines) {
      const line = parseRunningLine(each);
      if (line?.kind === 'begin') this.drill ??= begunDrill(line);
      else if (line && this.drill) this.drill = afterLine(this.drill, line);
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
