import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageChoice } from '../../image-choice.ts';
import { shell } from './shell.ts';

/** The same for every server that is measured; firedrill's pods have them as `drill.limits`. */
export const limits = { cpus: 2, memory: '4GiB', memoryBytes: 4 * 1024 ** 3, diskBytes: 100 * 1024 ** 3, pids: 512 };

export const benchLabel = 'firedrill.bench';

/** What a measurement is made in: a folder, containers with a label, and the end of all of it. */
export class Bench implements AsyncDisposable {
  readonly images: ImageChoice['images'];
  readonly signal: AbortSignal;
  readonly folder: string;
  readonly id: string;
  readonly #say: (line: string) => void;
  #containers = 0;

  private constructor(images: ImageChoice['images'], signal: AbortSignal, folder: string, say: (line: string) => void) {
    this.images = images;
    this.signal = signal;
    this.folder = folder;
    this.id = folder.slice(-6);
    this.#say = say;
  }

  static async make(images: ImageChoice['images'], signal: AbortSignal, say: (line: string) => void): Promise<Bench> {
    return new Bench(images, signal, await mkdtemp(join(tmpdir(), 'firedrill-bench-')), say);
  }

  readonly say = (line: string) => this.#say(line);

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  shell(script: string, args: readonly string[] = [], more: { stdin?: string; env?: NodeJS.ProcessEnv } = {}) {
    return shell(script, args, { signal: this.signal, ...more });
  }

  /**
   * Starts a container with the limits that all have, and a fresh volume as /data; returns its name. `options` are those of
   * `docker run`, `command` runs in `sh`.
   */
  async start(image: string, command: string, options: readonly string[] = []): Promise<string> {
    this.#containers += 1;
    const name = `firedrill-bench-${this.id}-${this.#containers}`;
    const { cpus, memoryBytes, pids } = limits;
    const limited = [
      `--cpus=${cpus}`,
      `--memory=${memoryBytes}`,
      `--memory-swap=${memoryBytes}`,
      `--pids-limit=${pids}`,
    ];
    const labelled = ['--name', name, '--label', `${benchLabel}=${this.id}`, '--volume', '/data', '--init'];
    const given = [...labelled, ...limited, ...options, '--entrypoint', 'sh', image, '-c', command];
    await this.shell('docker run --detach "$@" > /dev/null', given);
    return name;
  }

  /** Also when all is to end; twice is as good as once. */
  async remove(container: string): Promise<void> {
    const script = 'docker rm --force --volumes "$1" > /dev/null || ! docker inspect "$1" > /dev/null 2>&1';
    await shell(script, [container], { signal: new AbortController().signal });
  }

  /**
   * What is written is written, and what is read next lies in memory: for each contestant alike, since whoever runs first
   * would else pay for the others.
   */
  async settle(artifact: string): Promise<void> {
    await this.shell('sync; [ ! -e "$1" ] || find "$1" -type f -exec cat {} + > /dev/null', [artifact]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const own =
      'docker ps --all --quiet --filter "label=$1" | xargs --no-run-if-empty docker rm --force --volumes > /dev/null';
    try {
      await shell(own, [`${benchLabel}=${this.id}`], { signal: new AbortController().signal });
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}

/** Seconds of a work, on a monotonic clock. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}
