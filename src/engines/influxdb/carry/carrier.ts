import type { Carrier } from '../../engine.ts';
import { factsOf } from '../facts.ts';
import type { InfluxdbSettings } from '../settings.ts';
import { assertHeld } from './cargo.ts';
import { carryInto } from './carry.ts';
import { lookAtTarget } from './look.ts';

export const influxdbCarrier: Carrier<InfluxdbSettings> = {
  parts: 'measurements',
  look: async (target, newest, activity, parts) => {
    if (parts) assertHeld(factsOf(newest), parts);
    return lookAtTarget(target, activity);
  },
  carry: carryInto,
};
