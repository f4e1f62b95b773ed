/**
 * Ctrl-C and SIGTERM become an order to stop; the flows clean up and then throw INTERRUPTED. Node's own default, to die at
 * once, would leave containers behind. A second Ctrl-C changes nothing: cleaning up is never cut short.
 */
export function stopOnSignals(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, stop);
    },
  };
}
