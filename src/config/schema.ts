import { z } from 'zod';
import { secretSchema } from '../model/secret.ts';
import { days, duration, name, port, size, timeZone } from './scalars.ts';

/** An engine, as the configuration needs it: injected, so that config/ knows no engine. */
export interface ConfiguredEngine {
  readonly name: string;
  readonly title: string;
  readonly settings: z.ZodType;
}

const file = z.string().min(1);

const reach = z
  .union([
    z.literal('local').describe('on this machine'),
    z.strictObject({ docker: z.string().min(1).describe('name of a running container') }),
    z.strictObject({
      ssh: z.strictObject({
        host: z.string().min(1),
        port: port.default(22),
        user: z.string().min(1),
        identityFile: file.optional().describe('a private key; else the agent is asked'),
        agentSocket: file.optional().describe('the socket of an ssh agent'),
        knownHostsFile: file.describe('host keys that are trusted, in the format of OpenSSH'),
      }),
    }),
  ])
  .describe('where the service is, and how its tools are run there');

const vault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('directory'), folder: file.describe('a folder of this machine') }),
]);

const limit = {
  memory: size.describe('of each service in the pod'),
  disk: size.describe('that each service may write while it is restored'),
  pids: z.int().min(16),
  cpus: z.number().positive(),
  restore: duration.describe('after which a restore is stopped'),
};

const limits = z.strictObject({
  memory: limit.memory.prefault('4GiB'),
  disk: limit.disk.prefault('50GiB'),
  pids: limit.pids.default(512),
  cpus: limit.cpus.default(2),
  restore: limit.restore.prefault('30m'),
});

const image = z.string().min(1);

const drill = z.strictObject({
  rto: duration.prefault('30m').describe('recovery time objective for all services together'),
  images: z
    .record(z.string(), z.union([image, z.record(z.string(), image)]))
    .default({})
    .describe('engine → image, or engine → version → image; the official images by default'),
  pull: z.enum(['missing', 'never']).default('missing'),
  limits: limits.prefault({}),
  isolation: z
    .strictObject({
      addresses: z
        .array(z.string().regex(/^.+:\d{1,5}$/, 'host:port'))
        .default([])
        .describe('of production: they must be out of reach of a restored copy'),
      names: z.array(z.string().min(1)).default([]).describe('of production: they must not resolve in the pod'),
    })
    .prefault({}),
  loopbackNames: z
    .array(z.string().min(1))
    .default([])
    .describe('names that restored services use for one another: they mean the pod itself'),
});

const service = (engine: ConfiguredEngine) =>
  z.strictObject({
    engine: z.literal(engine.name),
    reach,
    rpo: duration.describe('recovery point objective'),
    retention: days.describe('how long backups are kept'),
    quiet: z
      .union([z.literal('any'), duration])
      .optional()
      .describe('how long it may go without a new event; any: no limit'),
    limits: z.strictObject(limit).partial().optional().describe('where they differ from those of all'),
    settings: engine.settings,
  });

const mail = z.strictObject({
  from: z.string().min(3),
  to: z.array(z.string().min(3)).min(1),
  smtp: z.strictObject({
    host: z.string().min(1),
    port: port.default(587),
    user: z.string().optional(),
    password: secretSchema.optional(),
  }),
});

/** The whole of firedrill.yaml, for the engines that there are. */
export function configSchema(engines: readonly ConfiguredEngine[]) {
  const [first, ...rest] = engines.map(service);
  const anyService = first ? z.discriminatedUnion('engine', [first, ...rest]) : z.never();
  return z.strictObject({
    version: z.literal(1),
    timeZone: timeZone.default('UTC').describe('the Sunday of a backup set is reckoned there'),
    keys: z.strictObject({
      private: file.optional().describe('signs backups; only the machine that makes backups needs it'),
      public: z.array(file).min(1).describe('backups signed by these are trusted'),
    }),
    vaults: z.record(name, vault).refine((all) => Object.keys(all).length > 0, 'at least one vault'),
    services: z.record(name, anyService).refine((all) => Object.keys(all).length > 0, 'at least one service'),
    drill: drill.prefault({}),
    schedules: z.record(z.enum(['full', 'incremental', 'hourly', 'drill']), z.string()).optional(),
    reports: z.strictObject({ folder: file.default('reports') }).prefault({}),
    mail: mail.optional(),
  });
}

export type RawConfig = z.infer<ReturnType<typeof configSchema>>;
