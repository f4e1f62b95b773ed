import type { Carrier } from '../../engine.ts';
import type { InfluxdbSettings } from '../settings.ts';

export const influxdbCarrier: Carrier<InfluxdbSettings> = {
  parts: 'measurements',
  look: async (target, newest, activity, parts) => {
    const [{ factsOf }, { assertHeld }] = [await import('../facts.ts'), await import('./cargo.ts')];
    if (parts) assertHeld(factsOf(newest), parts);
    return (await import('./look.ts')).lookAtTarget(target, activity);
  },
  carry: async (...of) => (await import('./carry.ts')).carryInto(...of),
};
