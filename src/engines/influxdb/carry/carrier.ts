import type { Carrier } from '../../engine.ts';
import type { InfluxdbSettings } from '../settings.ts';
import { carryInto } from './carry.ts';
import { lookAtTarget } from './look.ts';

export const influxdbCarrier: Carrier<InfluxdbSettings> = {
  look: (target, _newest, activity) => lookAtTarget(target, activity),
  carry: carryInto,
};
