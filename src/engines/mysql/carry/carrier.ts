import type { Carrier } from '../../engine.ts';
import type { MysqlSettings } from '../settings.ts';
import { carryInto } from './carry.ts';
import { lookAtTarget } from './look.ts';

export const mysqlCarrier: Carrier<MysqlSettings> = { parts: 'tables', look: lookAtTarget, carry: carryInto };
