// A wall clock that is ahead, for this process and those that it starts: `node --import …/clock-ahead.ts`. What is read of
// the clock is set forward; timers and the monotonic clock are the real ones. Only the simulated month uses it.

const name = 'FIREDRILL_CLOCK_AHEAD_MS';
const RealDate = Date;

const aheadMs = () => Number(process.env[name] ?? 0);
const nowMs = () => RealDate.now() + aheadMs();

globalThis.Date = new Proxy(RealDate, {
  construct: (real, args: [], newTarget) => Reflect.construct(real, args.length === 0 ? [nowMs()] : args, newTarget),
  apply: () => new RealDate(nowMs()).toString(),
  get: (real, key) => (key === 'now' ? nowMs : Reflect.get(real, key)),
});

/** Sets the clock to a moment; it goes on from there. Processes that are started from now on have it as well. */
export function setClock(moment: Date): void {
  process.env[name] = String(moment.getTime() - RealDate.now());
}
