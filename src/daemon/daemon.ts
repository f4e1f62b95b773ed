import { randomBytes } from 'node:crypto';
import { type Clock, compactInstant, systemClock } from '../kit/clock.ts';
import type { JobBegin, JobObserver, JobOutcome } from '../model/job-outcome.ts';
import { type Due, nextJob } from './due.ts';
import type { Job } from './job.ts';
import type { JobRunner, StartedRun } from './job-process.ts';
import type { Log } from './log.ts';
import { emptyMemory, type Memory, type Run } from './memory.ts';
import { begun, ended, introduced, type RunEnd, told } from './progress.ts';
import type { MemoryStore } from './state-file.ts';
import { beginWords, endWords, levelOf, notTold } from './words.ts';

export interface DaemonParts {
  jobs: readonly Job[];
  store: MemoryStore;
  runner: JobRunner;
  observers: readonly JobObserver[];
  log: Log;
  clock?: Clock;
  /** Throws when another daemon may have begun meanwhile; asked before each job. */
  assertAlone?(): Promise<void>;
  /** How long observers may go on when the daemon is told to stop; what they could not tell by then, the next daemon tells. */
  farewellMs?: number;
}

/** Calls back each minute, until it is disposed of. */
export type Ticker = (tick: () => void) => Disposable;

/**
 * Starts jobs when they are due, and writes down what becomes of them, before and after. Whatever it is cut off in, the next one
 * goes on from there. It knows nothing of what jobs do.
 */
export class Daemon {
  /** What ended under this daemon, in the order of the ends. */
  readonly outcomes: JobOutcome[] = [];
  readonly #parts: DaemonParts;
  readonly #clock: Clock;
  readonly #running = new Map<string, StartedRun>();
  readonly #telling = new Set<Promise<void>>();
  readonly #farewell = new AbortController();
  readonly #waiting: (() => void)[] = [];
  readonly #farewellMs: number;
  #memory: Memory = emptyMemory;
  #turn: Promise<unknown> = Promise.resolve();
  #isStopping = false;
  #failure: { error: unknown } | undefined;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#farewellMs = parts.farewellMs ?? 10_000;
  }

  /** Goes on where an earlier one ended: with runs that it began, and outcomes that it told nobody. */
  async recover(): Promise<void> {
    await this.#inTurn(async () => {
      const { jobs, store } = this.#parts;
      const known = await store.load();
      this.#memory = introduced(jobs, known, this.#clock.now());
      if (this.#memory !== known) await store.save(this.#memory);
      for (const outcome of this.#memory.untold) this.#track(this.#tell(outcome));
      for (const run of this.#memory.running) {
        const { id, job, startedAt } = run;
        this.#parts.log.warn(
          { job, run: id, startedAt },
          `${job} was begun by an earlier daemon, which did not see its end`,
        );
        this.#watch(run, await this.#parts.runner.adopt(run));
      }
    });
    if (this.#failure) throw this.#failure.error;
  }

  /** Begins what is due and can be begun. */
  async tick(): Promise<void> {
    await this.#inTurn(async () => {
      const { jobs } = this.#parts;
      const next = () => (this.#isStopping ? undefined : nextJob(jobs, this.#memory, this.#clock.now()));
      for (let due = next(); due; due = next()) await this.#begin(due);
    });
  }

  /** Until nothing runs, nothing that is due can be begun, and all has been told; or until the order to stop. */
  async rest(signal: AbortSignal, everyMinute: Ticker): Promise<void> {
    // What comes due while something long runs is begun beside it.
    using _ticker = everyMinute(() => void this.tick());
    const isOver = () => signal.aborted || this.#failure !== undefined;
    for (await this.tick(); this.#running.size > 0 && !isOver(); await this.tick()) await this.#nextChange(signal);
    while (this.#telling.size > 0 && !isOver()) await this.#nextChange(signal);
  }

  /** Until the order to stop. */
  async run(signal: AbortSignal, everyMinute: Ticker): Promise<void> {
    using _ticker = everyMinute(() => void this.tick());
    await this.tick();
    while (!signal.aborted && !this.#failure) await this.#nextChange(signal);
  }

  /** Tells what runs to stop, and waits for its end. Throws what the daemon could not go on without. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const run of this.#running.values()) run.stop();
    while (this.#running.size > 0) await this.#nextChange();
    await this.#turn;
    const patience = new AbortController();
    const timers = [
      setTimeout(() => this.#farewell.abort(), this.#farewellMs),
      setTimeout(() => patience.abort(), 2 * this.#farewellMs),
    ];
    while (this.#telling.size > 0 && !patience.signal.aborted) await this.#nextChange(patience.signal);
    for (const timer of timers) clearTimeout(timer);
    if (this.#failure) throw this.#failure.error;
  }

  async #begin(due: Due): Promise<void> {
    const { jobs, store, runner, log, assertAlone } = this.#parts;
    await assertAlone?.();
    const now = this.#clock.now();
    const id = `${compactInstant(now)}-${due.job.name}-${randomBytes(3).toString('hex')}`;
    const { run, memory, missingSince } = begun(jobs, this.#memory, due, now, id);
    // Written down first: a run that nobody knows of would be made twice.
    await store.save(memory);
    this.#memory = memory;
    const args = due.job.args(missingSince);
    const begin = beginOf(run);
    log.info({ ...begin, args }, beginWords(begin));
    this.#watch(run, await runner.start(run, args));
    for (const observer of this.#parts.observers) this.#track(this.#tellBegin(observer, begin));
  }

  #watch(run: Run, started: StartedRun): void {
    this.#running.set(run.id, started);
    void started.ended.then(async (end) => {
      await this.#inTurn(() => this.#end(run, end));
      // Also where the daemon has failed, and nothing can be written down any more: the next one looks into its folder.
      this.#running.delete(run.id);
      await this.tick();
    });
  }

  async #end(run: Run, end: RunEnd): Promise<void> {
    const { jobs, store, log } = this.#parts;
    const { outcome, memory } = ended(jobs, this.#memory, run, end);
    this.#memory = memory;
    this.outcomes.push(outcome);
    log[levelOf(outcome)]({ ...outcome }, endWords(outcome));
    await store.save(memory);
    this.#track(this.#tell(outcome));
  }

  /** Counts something that goes on beside the jobs until it has ended. */
  #track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#telling.delete(tracked);
      this.#wake();
    });
    this.#telling.add(tracked);
  }

  async #tell(outcome: JobOutcome): Promise<void> {
    const { observers, runner, store, log } = this.#parts;
    const { signal } = this.#farewell;
    await Promise.all(
      observers.map(async (observer) => {
        try {
          await observer.ended(outcome, signal);
        } catch (error) {
          log.error({ job: outcome.job, run: outcome.run, observer: observer.name }, notTold(observer, outcome, error));
        }
      }),
    );
    // Cut short by the end of the daemon: the next one tells it once more.
    if (signal.aborted) return;
    await this.#inTurn(async () => {
      this.#memory = told(this.#memory, outcome.run);
      await store.save(this.#memory);
      await runner.forget(outcome.run);
    });
  }

  async #tellBegin(observer: JobObserver, begin: JobBegin): Promise<void> {
    try {
      await observer.began?.(begin);
    } catch (error) {
      const { job, run } = begin;
      this.#parts.log.error({ job, run, observer: observer.name }, notTold(observer, begin, error));
    }
  }

  /** One change of the memory after the other. What fails in one is the end of the daemon: it could not keep its promises. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(async () => {
      try {
        if (!this.#failure) await work();
      } catch (error) {
        this.#failure ??= { error };
        this.#isStopping = true;
      }
      this.#wake();
    });
    this.#turn = turn;
    await turn;
  }

  #wake(): void {
    for (const waiter of this.#waiting.splice(0)) waiter();
  }

  /** Until something has been written down or told, or the order to stop. */
  async #nextChange(signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    signal?.addEventListener('abort', resolve as () => void);
    if (!signal?.aborted) await promise;
    signal?.removeEventListener('abort', resolve as () => void);
  }
}

function beginOf({ id, deadlineAt: _, ...begin }: Run): JobBegin {
  return { ...begin, run: id };
}
