import type { Carrier } from '../../engine.ts';
import type { GrafanaSettings } from '../settings.ts';
import { carryInto } from './carry.ts';
import { lookAtTarget } from './look.ts';

export const grafanaCarrier: Carrier<GrafanaSettings> = {
  look: (target, _newest, { signal }) => lookAtTarget(target, signal),
  carry: carryInto,
};
