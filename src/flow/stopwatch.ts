import type { Activity } from '../kit/activity.ts';
import { formatDuration } from '../kit/units.ts';
import type { NativeRecord, Phase, PhaseRecord } from '../model/journal.ts';

/** Times phases and native work of one drill, in monotonic milliseconds since the order to restore. */
export class Stopwatch {
  readonly phases: PhaseRecord[] = [];
  readonly native: NativeRecord[] = [];
  readonly #activity: Activity;
  readonly #zeroMs: number;
  #latestMs = 0;
  #steppedBackMs = 0;

  constructor(activity: Activity) {
    this.#activity = activity;
    this.#zeroMs = activity.clock.monotonicMs();
  }

  elapsedMs(): number {
    const nowMs = this.#activity.clock.monotonicMs() - this.#zeroMs;
    this.#steppedBackMs = Math.max(this.#steppedBackMs, this.#latestMs - nowMs);
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    return nowMs;
  }

  /** By how much its clock has gone back at most, or was asked for a time before its start; nothing that it timed is true then. */
  get steppedBackMs(): number {
    return this.#steppedBackMs;
  }

  async phase<T>(phase: Phase, service: string | null, work: () => Promise<T>): Promise<T> {
    const startMs = this.elapsedMs();
    this.#activity.tell({ service, phase, text: 'begun' });
    try {
      return await work();
    } finally {
      const endMs = this.elapsedMs();
      this.phases.push({ service, phase, startMs, endMs });
      this.#activity.tell({ service, phase, text: `ended after ${formatDuration(endMs - startMs)}` });
    }
  }

  /** The activity that a service's engine gets: its native work is noted under the service's name. */
  activityOf(service: string, signal: AbortSignal): Activity {
    const { clock, tell } = this.#activity;
    return {
      clock,
      signal,
      tell: (event) => tell.call(this.#activity, event),
      native: async (label, work, bytes) => {
        const startMs = this.elapsedMs();
        try {
          return await work();
        } finally {
          this.native.push({
            service,
            label,
            startMs,
            endMs: this.elapsedMs(),
            ...(bytes === undefined ? {} : { bytes }),
          });
        }
      },
    };
  }

  /** Of the first `untilMs`, the time in which no engine's own process worked: the drill's own cost. */
  ownCostMs(untilMs: number): number {
    let busyMs = 0;
    let reachedMs = 0;
    for (const { startMs, endMs } of this.native.toSorted((a, b) => a.startMs - b.startMs)) {
      const from = Math.max(startMs, reachedMs);
      const to = Math.min(endMs, untilMs);
      if (to > from) busyMs += to - from;
      reachedMs = Math.max(reachedMs, to);
    }
    return untilMs - busyMs;
  }
}
