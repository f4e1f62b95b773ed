import { schedule } from 'node-cron';

/** Nothing: a minute that was missed is no loss, since each tick looks at all that is due. */
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Calls back at the beginning of each minute, until it is disposed of. In UTC, where no minute is skipped or comes twice. */
export function everyMinute(tick: () => void): Disposable {
  const task = schedule('* * * * *', tick, { timezone: 'UTC', logger: silent, suppressMissedWarning: true });
  return { [Symbol.dispose]: () => void task.destroy() };
}
