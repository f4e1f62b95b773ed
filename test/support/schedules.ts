import type { SchedulesConfig } from '../../src/config/config.ts';

/** Schedules by which nothing ever happens. */
export const noSchedules: SchedulesConfig = {
  ...{ full: null, incremental: null, hourly: null, sync: null, drill: null, expire: null, buildingBurned: null },
  deadlines: { backupMs: 60_000, syncMs: 60_000, drillMs: 60_000, expireMs: 60_000 },
  stateFolder: '/nowhere/daemon',
};
