/** A job of the daemon that has begun: plain data for whoever is told about it. Instants are ISO 8601 in UTC. */
export interface JobBegin {
  /** `full`, `drill` …: one name for one line of the schedule. */
  job: string;
  /** Of this run; no two runs have the same. */
  run: string;
  /** When it was to happen. */
  occasion: string;
  /** How many earlier occasions were missed, and are made good for by this one. */
  missed: number;
  startedAt: string;
  /** 1 for the first run of this occasion. */
  attempt: number;
}

/**
 * How a run ended, in a word:
 * - ok: exit status 0
 * - failed: another exit status, which says what kind of failure it was (kit/errors.ts)
 * - locked: another run was at work (exit status 11)
 * - interrupted: it was stopped, and left nothing behind
 * - deadline: it was stopped because it took too long
 * - died: it ended without an exit status
 */
export type JobEnd = 'ok' | 'failed' | 'locked' | 'interrupted' | 'deadline' | 'died';

/** An error that the run printed. Untrusted text may be in it. */
export interface JobError {
  code: string;
  message: string;
  hint: string;
  service: string | null;
}

export interface JobOutcome extends JobBegin {
  end: JobEnd;
  /** The exit status; null where there was none. */
  status: number | null;
  endedAt: string;
  /** When it will be tried again; null: this was the last word about this occasion. */
  retryAt: string | null;
  /** The folder that it wrote its report to, absolute; null where it wrote none. */
  report: string | null;
  /** What came of it, in one line; null where it came to nothing. Untrusted text may be in it. */
  summary: string | null;
  errors: readonly JobError[];
}

/** Somebody who is told of each job. What he throws is logged, and disturbs no job. */
export interface JobObserver {
  /** For the log: `mail`. */
  readonly name: string;
  began?(begin: JobBegin): Promise<void>;
  /**
   * Told at least once of each run that ended; once more after the daemon was killed while it told. It is waited for at
   * the daemon's end, until `signal` is aborted.
   */
  ended(outcome: JobOutcome, signal: AbortSignal): Promise<void>;
}
