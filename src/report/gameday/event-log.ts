import { open, readFile } from 'node:fs/promises';
import { momentNow } from '../../kit/boot-clock.ts';
import { FiredrillError, systemCode } from '../../kit/errors.ts';
import type { GameDayEvent, GameDayHappening } from '../../model/gameday-event.ts';
import { reportWritingFails } from '../writing-fails.ts';

/** In the folder of a game day: what happened, a line of JSON each, in its order. */
export const eventsFile = 'events.jsonl';

/** Writes down what happens; it is on the disk when `append` returns, so that no crash takes it back. */
export async function appendEvent(
  file: string,
  happening: GameDayHappening,
  now: () => GameDayEvent['moment'] = momentNow,
): Promise<GameDayEvent> {
  const event = { moment: now(), ...happening } as GameDayEvent;
  await reportWritingFails(file, async () => {
    const handle = await open(file, 'a+', 0o640);
    try {
      const { size } = await handle.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      // A line that a crash has cut off must not swallow the next one.
      const torn = size > 0 && last.toString() !== '\n';
      await handle.appendFile(`${torn ? '\n' : ''}${JSON.stringify(event)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
  return event;
}

/** All that was written down; lines that a crash has cut off are passed over. JOURNAL_INVALID when there is none. */
export async function readEvents(file: string): Promise<GameDayEvent[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
  const events = text.split('\n').flatMap((line) => parsed(line) ?? []);
  if (events[0]?.kind === 'begun') return events;
  throw new FiredrillError('JOURNAL_INVALID', `${file} holds no beginning of a game day`);
}

function parsed(line: string): GameDayEvent | undefined {
  try {
    const { kind, moment } = JSON.parse(line) as Partial<GameDayEvent>;
    const isMoment = typeof moment?.at === 'string' && typeof moment.boot === 'string' && Number.isFinite(moment.upMs);
    return typeof kind === 'string' && isMoment ? (JSON.parse(line) as GameDayEvent) : undefined;
  } catch {
    return undefined;
  }
}
