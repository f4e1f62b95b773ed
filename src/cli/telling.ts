import type { Channels, Telling } from '../flow/channels.ts';
import { systemClock } from '../kit/clock.ts';
import { plainLine } from '../kit/text.ts';
import type { Session } from './session.ts';

/** What telling needs, for one run of the program. */
export function tellingOf(session: Session, channels: Channels): Telling {
  return {
    channels,
    clock: systemClock,
    signal: session.signal,
    remark: (text) => session.remark(plainLine(text)),
  };
}
