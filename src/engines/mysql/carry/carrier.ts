import type { Carrier } from '../../engine.ts';
import type { MysqlSettings } from '../settings.ts';

export const mysqlCarrier: Carrier<MysqlSettings> = {
  parts: 'tables',
  look: async (target, newest, activity) => (await import('./look.ts')).lookAtTarget(target, newest, activity),
  carry: async (...of) => (await import('./carry.ts')).carryInto(...of),
};
