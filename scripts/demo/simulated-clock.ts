import { type Clock, systemClock } from '../../src/kit/clock.ts';

/** A wall clock that is set to moments of the demo's week and runs on from there. Durations are real. */
export class SimulatedClock implements Clock {
  #aheadMs = 0;

  set(moment: Date): void {
    this.#aheadMs = moment.getTime() - Date.now();
  }

  now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }
}
