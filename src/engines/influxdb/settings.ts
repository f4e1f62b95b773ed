import { z } from 'zod';
import { secretSchema } from '../../model/secret.ts';

const port = z.int().min(1).max(65_535);

/** What `settings` of an InfluxDB service says. */
export const influxdbSettings = z
  .strictObject({
    database: z
      .string()
      .min(1)
      // It becomes a file's name in the backup, and a folder's in the server.
      .regex(/^[^\p{C}/\\]+$/u, 'no control characters and no slashes')
      .refine((name) => name !== '.' && name !== '..' && name !== '_internal', 'not a database of its own')
      .describe('the database that is backed up'),
    port: port.default(8086).describe('port of the HTTP API on its host'),
    user: z.string().min(1).optional().describe('an admin of the server, where it asks for a login'),
    password: secretSchema.optional().describe("the admin's password"),
    backupPort: port
      .default(8088)
      .describe('port of the backup service (bind-address of influxd) on its host; it knows no login, never expose it'),
    dumpFolder: z
      .string()
      .regex(/^\/[^\p{C}]*$/u, 'an absolute path')
      .optional()
      .describe('folder on its host for the dump until it is fetched, as large as the database; TMPDIR by default'),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'user and password belong together',
    path: ['password'],
  });

export type InfluxdbSettings = z.infer<typeof influxdbSettings>;
