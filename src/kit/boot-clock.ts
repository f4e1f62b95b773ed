import { readFileSync } from 'node:fs';

/** A moment that another process, hours later, can measure from: by the wall clock, and by the time since the boot. */
export interface Moment {
  /** ISO 8601, UTC. */
  at: string;
  /** Of this boot of this machine; empty where the system does not tell. */
  boot: string;
  /** Since that boot, the time that the machine slept included. */
  upMs: number;
}

export type MomentSource = () => Moment;

/** proc(5). Where there is no /proc, only the wall clock is left. */
export const momentNow: MomentSource = () => {
  const at = new Date().toISOString();
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const upMs = Math.round(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000);
    return Number.isFinite(upMs) ? { at, boot, upMs } : { at, boot: '', upMs: 0 };
  } catch {
    return { at, boot: '', upMs: 0 };
  }
};

export interface Passed {
  /** Never less than 0. */
  ms: number;
  /** By the clock that nobody sets; else by the wall clock, since the machine was started anew between the two. */
  steady: boolean;
}

/** How much time lies between two moments: a wall clock that was set between them does not matter within one boot. */
export function passedBetween(from: Moment, to: Moment): Passed {
  const steady = from.boot !== '' && from.boot === to.boot;
  const ms = steady ? to.upMs - from.upMs : Date.parse(to.at) - Date.parse(from.at);
  return { ms: Math.max(0, ms), steady };
}

/** Of moments in their order, how long after the first each of them was, in ms. A boot between two costs only their own gap. */
export function offsetsOf(moments: readonly Moment[]): number[] {
  let sinceMs = 0;
  return moments.map((moment, i) => {
    const before = moments[i - 1];
    if (before) sinceMs += passedBetween(before, moment).ms;
    return sinceMs;
  });
}
