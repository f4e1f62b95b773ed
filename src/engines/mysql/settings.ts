import { z } from 'zod';
import { secretSchema } from '../../model/secret.ts';

// MySQL's own limit for names is 64 characters.
const identifier = z.string().min(1).max(64);
const qualified = z.string().regex(/^[^.]+\.[^.]+(\.[^.]+)?$/u, 'database.table.column');

const appAccount = z.strictObject({
  user: z.string().min(1).max(32).describe('name of the account'),
  host: z.string().min(1).max(255).default('%').describe('the host that stands in its name'),
  password: secretSchema
    .optional()
    .describe(
      'its password; where there is none, the account must only be there, not locked, and have rights in the databases',
    ),
});

const systemSchemas = new Set(['mysql', 'sys', 'information_schema', 'performance_schema']);

/** What `settings` of a MySQL service says. */
export const mysqlSettings = z
  .strictObject({
    databases: z
      .array(identifier.refine((name) => !systemSchemas.has(name.toLowerCase()), 'not a database of the server itself'))
      .min(1)
      .refine((names) => new Set(names).size === names.length, 'each database once')
      .describe('the databases that are backed up, together with the accounts of the server'),
    user: z.string().min(1).max(32).describe('the account that dumps; `firedrill doctor` says which grants it needs'),
    password: secretSchema.optional().describe("that account's password"),
    port: z.int().min(1).max(65_535).optional().describe('TCP port of the server on its host; 3306 by default'),
    socketPath: z.string().startsWith('/').optional().describe('the unix socket on its host, instead of a port'),
    format: z
      .enum(['logical', 'physical'])
      .default('logical')
      .describe(
        'of full backups: `logical` is each table as text; `physical` a clone of the whole server, restored without loading rows or ' +
          'building indexes, which only a server of the same release can start',
      ),
    cloneFolder: z
      .string()
      .regex(/^\/[A-Za-z0-9_./-]+$/, 'an absolute path of letters, digits and _ . / -')
      .refine((path) => !path.split('/').includes('..'), 'without ".."')
      .optional()
      .describe(
        'for the physical format: a folder on its host, outside of the data folder, into which the server may write, with room for ' +
          'all its data until they are fetched',
      ),
    connections: z.int().min(1).max(16).default(2).describe('how many tables, or parts of one, are read side by side'),
    partMiB: z
      .int()
      .min(1)
      .max(1_048_576)
      .default(64)
      .describe(
        'a table larger than this is dumped, and loaded, in parts of about this many MiB of its data, cut by its primary key',
      ),
    newest: z
      .array(qualified)
      .min(1)
      .optional()
      .describe(
        'columns (`database.table.column`, or `table.column` when there is one database) whose maximum is the newest event; ' +
          'by default indexed TIMESTAMP and DATETIME columns, and those of small tables',
      ),
    digestTables: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'tables (`database.table` or `table`) that get a SHA-2 digest beside the 32-bit CHECKSUM TABLE; it is slow',
      ),
    appAccounts: z
      .array(appAccount)
      .default([])
      .describe(
        'accounts by which applications log in: each drill logs in with them to the restored server, in the sealed pod, and reads',
      ),
  })
  .refine(({ port, socketPath }) => port === undefined || socketPath === undefined, {
    error: 'either a port or a socket path',
    path: ['socketPath'],
  })
  .refine(({ format, cloneFolder }) => (format === 'physical') === (cloneFolder !== undefined), {
    error: 'the physical format needs a cloneFolder, and nothing else does',
    path: ['cloneFolder'],
  });

export type MysqlSettings = z.infer<typeof mysqlSettings>;
