import { z } from 'zod';
import { cron, duration, name } from './scalars.ts';

const file = z.string().min(1);
const never = z.literal('never');
const when = z.union([never, cron]);

/** When the daemon does what, in the configured time zone. */
export const schedules = z.strictObject({
  full: when.prefault('30 1 * * 0').describe('full backups of all services'),
  incremental: when.prefault('30 1 * * 1-6').describe('increments of all services'),
  hourly: when
    .prefault('30 * * * *')
    .describe('increments between, of the services whose RPO is under a day; there may be none'),
  sync: z
    .union([z.literal('after-backup'), never, cron])
    .prefault('after-backup')
    .describe(
      'copies to the other vaults, where there are any; after-backup: each time that full or incremental has ended',
    ),
  drill: when
    .prefault('15 2 * * *')
    .describe('drills of all services; they wait for the backup and the copy of their night'),
  expire: z
    .union([z.literal('after-drill'), never, cron])
    .prefault('after-drill')
    .describe('expiry in all vaults; after-drill: each time that drill has passed'),
  buildingBurned: z
    .strictObject({
      when: cron.prefault('0 4 1 * *').describe('the drill from the other vault'),
      from: name.optional().describe('the vault that is left after the fire; absent: the second one'),
      identity: file.describe('a private key of age that opens it; relative to this configuration'),
    })
    .optional()
    .describe('a drill of what is left when the building has burned: from another vault, with the escrow key'),
  deadlines: z
    .strictObject({
      backup: duration.prefault('6h').describe('of full, incremental and hourly'),
      sync: duration.prefault('12h').describe('of a copy'),
      drill: duration.prefault('6h').describe('of a drill'),
      expire: duration.prefault('2h').describe('of an expiry'),
    })
    .prefault({})
    .describe('how long a job may take before it is stopped'),
  state: file
    .default('daemon')
    .describe(
      'a folder in which the daemon remembers what ran, and list and expire which manifests are genuine; relative to this configuration',
    ),
});
