import type { Clock } from './clock.ts';

/** Something that a running flow tells its watcher: a terminal, a log, or nobody. */
export interface ProgressEvent {
  service: string | null;
  phase: string;
  /** Untrusted text may be in it: whoever prints it passes it through `plainLine`. */
  text: string;
  /** Bytes done so far in this phase, and the expected total where it is known. */
  bytes?: number;
  totalBytes?: number;
}

/** The phase in which a flow tells that it does again what did not work: whoever shows the result says so. */
export const retryPhase = 'retry';

/** What every long-running piece of work gets: the time, the order to stop, and somebody to tell. */
export interface Activity {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  tell(event: ProgressEvent): void;
  /**
   * Runs work that is done by an engine's own native process (a server's start, a native restore). The journal holds
   * these intervals apart, so that the drill's own cost can be told from the engines'. `bytes`: what is worked through.
   */
  native<T>(label: string, work: () => Promise<T>, bytes?: number): Promise<T>;
}
