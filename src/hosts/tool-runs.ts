import type { Command, Running } from './host.ts';
import type { ToolProcess } from './tool-process.ts';
import { ToolRun } from './tool-run.ts';

export const defaultGraceMs = 5_000;

/** All runs of one host, so that disposing of the host ends them. */
export class ToolRuns {
  readonly #label: string;
  readonly #graceMs: number;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(label: string, graceMs = defaultGraceMs) {
    this.#label = label;
    this.#graceMs = graceMs;
  }

  begin(command: Command, start: () => Promise<ToolProcess>): Running {
    const closing = this.#closing.signal;
    const run = new ToolRun({ label: this.#label, command, start, closing, graceMs: this.#graceMs });
    const over = run.done.catch(() => {}).finally(() => this.#running.delete(over));
    this.#running.add(over);
    return run;
  }

  /** Interrupts what runs and waits until it has ended. Safe twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
  }
}
