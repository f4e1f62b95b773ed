import { setTimeout as sleep } from 'node:timers/promises';
import { createStack } from '../../src/cli/gameday/stack.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { type RaiseOrder, stackWorld } from './stack-company.ts';

// A process that raises a stack and then does nothing: whoever started it ends it. SIGTERM is an order to stop.

const { configFile, services, replicas, expires, ...order } = JSON.parse(process.argv[2] ?? '') as RaiseOrder;
const { engines, environment } = stackWorld;
const config = await loadConfig(configFile, engines, environment);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const activity = {
  clock: systemClock,
  signal: stop.signal,
  tell: ({ phase, service, text }: { phase: string; service: string | null; text: string }) => {
    if (process.env.FIREDRILL_TEST_TELL) console.error(new Date().toISOString(), service, phase, text);
    if (phase === 'raise') process.send?.({ service });
  },
  native: <T>(_: string, work: () => Promise<T>) => work(),
};
const scenario = { services, replicas, applications: [], reason: 'deleted-data' as const };
try {
  const until = expires === undefined ? {} : { expires: new Date(expires) };
  await createStack({ ...order, config, scenario, world: stackWorld, ...until }, activity);
  console.log('raised');
  await sleep(600_000);
} catch (error) {
  console.log(
    `${(error as { code?: string }).code}: ${(error as Error).message} ${JSON.stringify((error as { detail?: string[] }).detail)}`,
  );
}
