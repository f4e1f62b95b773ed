import type { Activity, ProgressEvent } from '../../src/kit/activity.ts';
import { systemClock } from '../../src/kit/clock.ts';

/** An Activity that keeps what it was told and which native work was timed. */
export function testActivity(signal: AbortSignal = new AbortController().signal) {
  const events: ProgressEvent[] = [];
  const natives: string[] = [];
  const activity: Activity = {
    clock: systemClock,
    signal,
    tell: (event) => events.push(event),
    native: (label, work) => {
      natives.push(label);
      return work();
    },
  };
  return { ...activity, events, natives };
}
