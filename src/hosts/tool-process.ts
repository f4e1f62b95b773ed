import type { Readable, Writable } from 'node:stream';

/** How a tool ended, as its transport tells it. */
export type Ending = { code: number } | { signal: string } | { missing: true };

/** A tool that was started somewhere, before anybody judges it: what each kind of host provides. */
export interface ToolProcess {
  /** Waits while it is not read, and makes the tool wait. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Null when the tool was started with an empty stdin. `end()` makes the tool see the end of its input. */
  readonly stdin: Writable | null;
  /** Rejects (HOST_UNREACHABLE, DOCKER_UNAVAILABLE) when how it ended can no longer be learned. */
  readonly ended: Promise<Ending>;
  /** Sends a signal to the tool and all processes it started. Never rejects; a tool that is gone is fine. */
  kill(signal: 'TERM' | 'KILL'): Promise<void>;
  /** Lets go of streams and channels once the run is judged. */
  release(): void;
}
