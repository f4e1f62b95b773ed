/** How long cleaning up may take after a crash; then the reaper of the next drill does it. */
const crashMs = 60_000;

export interface Stopper extends Disposable {
  signal: AbortSignal;
  /** An exception that nobody caught: it stops the flows like Ctrl-C, so that they clean up. */
  crash(): { error: unknown } | undefined;
}

/**
 * Ctrl-C and SIGTERM become an order to stop; the flows clean up and then throw INTERRUPTED. Node's own default, to die at
 * once, would leave containers behind. A second Ctrl-C changes nothing: cleaning up is never cut short.
 */
export function stopOnSignals(): Stopper {
  const controller = new AbortController();
  let crashed: { error: unknown } | undefined;
  const stop = () => controller.abort();
  const crash = (error: unknown) => {
    crashed ??= { error };
    setTimeout(() => process.exit(1), crashMs).unref();
    stop();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, stop);
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  return {
    signal: controller.signal,
    crash: () => crashed,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, stop);
      process.off('uncaughtException', crash);
      process.off('unhandledRejection', crash);
    },
  };
}
