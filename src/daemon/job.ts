import type { Occasions } from './occasions.ts';

/** After which ends of other jobs a job is due; only their last word about an occasion counts. */
export interface After {
  jobs: readonly string[];
  /** Exit statuses; `any`: however they ended. */
  statuses: readonly number[] | 'any';
}

/** Something that the daemon starts when it is due. The order of jobs in their list is their rank. */
export interface Job {
  name: string;
  when: Occasions | After;
  /** Arguments of the program; `missingSince` is the start of the first run of this occasion where this is another one. */
  args(missingSince: string | null): readonly string[];
  deadlineMs: number;
  /** What it has for itself while it runs: two jobs that use the same thing never run side by side. */
  uses: readonly string[];
  /** Jobs for which nothing is left to do when this one is begun. */
  covers: readonly string[];
  /** Its first time is the next one; else what has never run is due at once. */
  canWait: boolean;
  /** Jobs that are let go first, where they are due or running. */
  waitsFor: readonly string[];
}

export const isAfter = (when: Job['when']): when is After => 'jobs' in when;
