import { z } from 'zod';
import type { AccessKey } from '../model/application.ts';
import { application, unfitPlaces } from './application-schema.ts';
import { checksSchema } from './check-schema.ts';
import { mail, notify } from './notify-schema.ts';
import { days, duration, instant, name, size, timeZone } from './scalars.ts';
import { schedules } from './schedules-schema.ts';
import { hasKnownHosts, knownHostsRule, ssh, vault } from './vault-schema.ts';

/** An engine, as the configuration needs it: injected, so that config/ knows no engine. */
export interface ConfiguredEngine {
  readonly name: string;
  readonly title: string;
  readonly settings: z.ZodType;
  /** How the user's own checks ask it; absent: it cannot be asked. */
  readonly questions?: { readonly keys: z.ZodRawShape };
  /** What applications can be told of its services; absent: none can be run on them. */
  readonly entrance?: { readonly keys: readonly AccessKey[] };
}

const file = z.string().min(1);

const reach = z
  .union([
    z.literal('local').describe('on this machine'),
    z.strictObject({ docker: z.string().min(1).describe('name of a running container') }),
    z.strictObject({ ssh: ssh.describe('a machine behind ssh; its tools run there') }),
  ])
  .describe('where the service is, and how its tools are run there');

const limit = {
  memory: size.describe('main memory of each service in the pod; there is no swap'),
  disk: size.describe('how much each service may write while it is restored'),
  pids: z.int().min(16).describe('processes and threads of each service'),
  cpus: z.number().positive().describe('processors of each service; fractions are allowed'),
  restore: duration.describe('how long the restore of each service may take, and its checks once more'),
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
  pull: z
    .enum(['missing', 'never'])
    .default('missing')
    .describe('whether a drill may pull an image that is not on this machine'),
  limits: limits.prefault({}).describe('how much of this machine a drill may use'),
  isolation: z
    .strictObject({
      addresses: z
        .array(z.string().regex(/^.+:\d{1,5}$/, 'host:port'))
        .default([])
        .describe('of production: they must be out of reach of a restored copy'),
      names: z.array(z.string().min(1)).default([]).describe('of production: they must not resolve in the pod'),
    })
    .prefault({})
    .describe('what a restored copy must not be able to reach; each drill asserts it from inside'),
  loopbackNames: z
    .array(z.string().min(1))
    .default([])
    .describe('names that restored services use for one another: they mean the pod itself'),
  from: z
    .enum(['onsite', 'offsite', 'alternate'])
    .default('onsite')
    .describe(
      'from which vault a drill restores that is given no --from: onsite, the first; offsite, the second; alternate, the one of both that was not drilled last',
    ),
  also: z
    .array(z.enum(['random', 'longest']))
    .default([])
    .describe(
      "older points that each drill restores as well: random, one by chance; longest, the end of the week's longest chain where that is not the newest",
    ),
  walkBack: z
    .int()
    .min(0)
    .max(50)
    .default(6)
    .describe('how many older points are tried, at most, to find the last good one of a service that failed'),
  planted: z
    .boolean()
    .default(true)
    .describe(
      'whether each drill (but those with --at) plants a fault into a copy of one backup, by chance, and fails where it does not notice; of a backup above 1 GiB only faults that cost no further restore',
    ),
});

const dayMs = 86_400_000;

const heartbeatText =
  'whether each backup first writes its id and instant into the source, so that a drill can say how fresh the data is: ' +
  'MySQL gets a table `firedrill_heartbeat` in the first database (GRANT CREATE, SELECT, INSERT, DELETE ON ' +
  '`<database>`.`firedrill_heartbeat`), InfluxDB a measurement of that name, Grafana is never written to; a source that denies it, or is read-only, is backed up ' +
  'all the same';

const service = (engine: ConfiguredEngine) =>
  z
    .strictObject({
      engine: z.literal(engine.name).describe(engine.title),
      reach,
      rpo: duration.describe('recovery point objective: how much of the newest data may be lost'),
      retention: days.describe('how long backups are kept, in whole days'),
      quiet: z
        .union([z.literal('any'), duration])
        .optional()
        .describe(
          "how long it may go without a new event before a backup is suspect; any: no limit; else the engine's",
        ),
      limits: z.strictObject(limit).partial().optional().describe('where they differ from drill.limits'),
      heartbeat: z.boolean().default(true).describe(heartbeatText),
      usualSince: instant
        .optional()
        .describe(
          'since when things are as they are: backups from before then are no norm for later ones. Set it after a change that was meant and that a drill calls unusual, such as a purge',
        ),
      ...(engine.questions && { checks: checksSchema(engine.questions.keys) }),
      settings: engine.settings.describe(`of ${engine.title}`),
    })
    .refine(({ rpo, retention }) => rpo <= retention * dayMs, { error: 'no more than the retention', path: ['rpo'] });

const target = (engine: ConfiguredEngine) =>
  z.strictObject({
    engine: z.literal(engine.name).describe(engine.title),
    reach,
    settings: engine.settings.describe(`of ${engine.title}; with a login that may write and define`),
  });

/** The whole of firedrill.yaml, for the engines that there are. */
export function configSchema(engines: readonly ConfiguredEngine[]) {
  const [first, ...rest] = engines.map(service);
  const anyService = first ? z.discriminatedUnion('engine', [first, ...rest]) : z.never();
  const [firstTarget, ...otherTargets] = engines.map(target);
  const anyTarget = firstTarget ? z.discriminatedUnion('engine', [firstTarget, ...otherTargets]) : z.never();
  const whole = z.strictObject({
    version: z.literal(1).describe('of the format of this configuration'),
    timeZone: timeZone
      .default('UTC')
      .describe('an IANA name: the Sunday of a backup set, and the schedules, are reckoned there'),
    keys: z
      .strictObject({
        private: file.optional().describe('signs backups; only the machine that makes backups needs it'),
        public: z
          .array(file)
          .min(1)
          .describe('backups signed by these are trusted: files, or the keys themselves, -----BEGIN …'),
        ledger: file
          .optional()
          .describe(
            "signs the receipts of this machine's drills; another pair than that of backups; absent: they are not signed",
          ),
        ledgerPublic: z
          .array(file)
          .default([])
          .describe("receipts signed by these are trusted as well; keys.ledger's own need not be named"),
      })
      .describe('ed25519 keys in PEM form, in files relative to this configuration; `firedrill init` makes the pairs'),
    vaults: z
      .record(name, vault.refine(hasKnownHosts, { error: knownHostsRule, path: ['knownHosts'] }))
      .refine((all) => Object.keys(all).length > 0, 'at least one vault')
      .describe(
        'where backups lie, by name: the first is where they are made, `firedrill sync` copies them from there to the others',
      ),
    services: z
      .record(name, anyService)
      .refine((all) => Object.keys(all).length > 0, 'at least one service')
      .describe('what is backed up, by name'),
    applications: z
      .record(name, application)
      .default({})
      .describe(
        'applications that each drill runs on what it has restored, in the sealed pod and after all checks, by name: they must work there. Their time is measured beside the restore time. Game days run those that come by TCP',
      ),
    targets: z
      .record(name, anyTarget)
      .refine((all) => !Object.hasOwn(all, 'source'), '`source` is a service’s own server, and needs no entry')
      .default({})
      .describe('servers that `firedrill restore --to` may write to, by name, beside `source`'),
    restore: z
      .strictObject({
        safetyCopies: file
          .default('safety-copies')
          .describe('a folder for backups of what a restore is about to replace; relative to this configuration'),
      })
      .prefault({})
      .describe('how real restores are made'),
    drill: drill.prefault({}).describe('how backups are tried'),
    schedules: schedules
      .prefault({})
      .describe('when `firedrill daemon` does what: cron in the time zone above, or never'),
    reports: z
      .strictObject({ folder: file.default('reports').describe('relative to this configuration') })
      .prefault({})
      .describe('what drills write'),
    gameDays: z
      .strictObject({
        scenarios: file
          .default('drills')
          .describe(
            'a folder of your own scenarios, `<name>.yaml`; one that has the name of one of firedrill’s own takes its place',
          ),
        folder: file
          .default('gamedays')
          .describe('what game days leave: journals, reports and the stack’s configuration'),
      })
      .prefault({})
      .describe('rehearsals of a disaster against the clock; both folders are relative to this configuration'),
    mail: mail
      .optional()
      .describe(
        'to whom reports are sent: by `firedrill report send` and `report digest`, and of drills with --notify',
      ),
    notify: notify.optional().describe('who is told beside mail, of jobs that are run with --notify'),
  });
  const offers = (engine: string) => engines.find((each) => each.name === engine)?.entrance?.keys ?? [];
  return whole
    .refine(isElsewhere, { error: elsewhereRule, path: ['schedules', 'buildingBurned'] })
    .superRefine(({ applications, services }, context) => {
      const ofService = (each: string) =>
        Object.hasOwn(services, each) ? offers((services[each] as { engine: string }).engine) : undefined;
      for (const issue of unfitPlaces(applications, ofService)) context.addIssue({ code: 'custom', ...issue });
    });
}

const elsewhereRule = 'only with another vault than the first, whose name `from` may say';

/** Whether the vault that is left after the fire is another one than the one in the building. */
function isElsewhere({
  vaults,
  schedules,
}: {
  vaults: object;
  schedules: { buildingBurned?: { from?: string | undefined } | undefined };
}) {
  const { buildingBurned } = schedules;
  const [, ...others] = Object.keys(vaults);
  return !buildingBurned || others.includes(buildingBurned.from ?? others[0] ?? '');
}

export type RawConfig = z.infer<ReturnType<typeof configSchema>>;
