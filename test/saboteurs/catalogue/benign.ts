import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownDatabase } from '../mysql-copy.ts';
import { type Benign, changeServices, configure, type Scene, servicesOf } from '../saboteur.ts';
import { save } from '../sources/dashboards.ts';
import { bulky } from './mysql-content.ts';

/** Of each engine one. */
const each = ['agama', 'telegraf', 'grafana'] as const;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const untouched: readonly Benign[] = [
  {
    services: ['agama', 'telegraf', 'latency', 'grafana'],
    what: 'nothing was done',
    prepare: async () => {},
  },
  ...servicesOf(
    each,
    (service): Benign => ({
      services: [service],
      what: 'every artifact was compressed again and sealed again',
      prepare: async ({ copy }) => {
        for (const member of await copy.chain(service)) {
          for (const entry of (await copy.manifest(member)).artifacts) {
            await copy.changeContent(member, entry, (content) => content);
          }
        }
      },
    }),
  ),
  {
    services: ['grafana'],
    what: 'an increment in the middle is missing, and each needs the full only',
    prepare: async ({ copy }) => copy.remove(await copy.member('grafana', 1)),
  },
  {
    services: ['telegraf'],
    what: 'what a killed backup has left lies beside the members, and a folder of somebody else in the vault',
    prepare: async ({ copy }) => {
      const partial = join(await copy.serviceFolder('telegraf'), '.partial-incr-20260101T000000Z.4711');
      await mkdir(partial);
      await writeFile(join(partial, 'half.tar.gz'), 'half');
      await mkdir(join(copy.folder, 'lost+found'));
    },
  },
];

/** At the source, between the last backup and one more. */
function changed(
  service: 'agama' | 'telegraf' | 'grafana',
  what: string,
  change: (scene: Scene) => Promise<unknown>,
): Benign {
  return {
    ...{ services: [service], live: true, what },
    prepare: async (scene) => {
      await change(scene);
      await scene.backUp('incremental');
    },
  };
}

const sources: readonly Benign[] = [
  ...servicesOf(
    each,
    (service): Benign => ({
      ...{ services: [service], live: true, what: 'nothing was written between two backups' },
      prepare: async ({ backUp }) => {
        await backUp('incremental');
        await backUp('incremental');
      },
    }),
  ),
  changed('agama', 'a table and a column were added on purpose between two backups', ({ stage }) =>
    stage.mysql.sql(`USE agama; ALTER TABLE customers ADD COLUMN phone varchar(40) DEFAULT 'none', ADD KEY (phone);
      CREATE TABLE added (id int PRIMARY KEY, note text); INSERT INTO added VALUES (1, 'wanted')`),
  ),
  changed('agama', 'most rows of a table were deleted on purpose between two backups', ({ stage }) =>
    stage.mysql.sql('USE agama; DELETE FROM todos WHERE id BETWEEN 100 AND 2500'),
  ),
  changed('grafana', 'a dashboard was renamed between two backups', ({ stage }) =>
    save(stage.grafana, 'night-1', 'as before', 'Another title'),
  ),
  {
    ...{ services: ['agama'], live: true, what: 'rows were purged at the source after the backup' },
    prepare: async ({ stage }) => void (await stage.mysql.sql('USE agama; DELETE FROM todos WHERE id > 2900')),
  },
  {
    ...{ services: ['telegraf'], live: true, what: 'a measurement was dropped at the source after the backup' },
    prepare: async ({ stage }) => void (await stage.influxdb.query('DROP MEASUREMENT late', 'telegraf')),
  },
  {
    ...{ services: ['grafana'], live: true, what: 'a dashboard was deleted at the source after the backup' },
    prepare: async ({ stage, backUp }) => {
      await save(stage.grafana, 'passing', 'is there for one night');
      await backUp('incremental');
      const { status } = await stage.grafana.ask('/api/dashboards/uid/passing', { method: 'DELETE' });
      if (status !== 200) throw new Error(`the dashboard was not deleted: ${status}`);
    },
  },
  {
    ...{ services: ['agama'], live: true, what: 'a table has never had a row, and another one has one' },
    prepare: async (scene) =>
      void (await ownDatabase(
        scene,
        'young',
        `CREATE TABLE nothing (id int PRIMARY KEY, at timestamp);
         CREATE TABLE one (at timestamp DEFAULT CURRENT_TIMESTAMP, KEY (at)); INSERT INTO one VALUES ();`,
      )),
  },
  {
    ...{ services: ['agama'], live: true, what: 'a row holds 70 MiB, more than a server takes by default' },
    prepare: async (scene) => void (await ownDatabase(scene, 'heavy', bulky)),
  },
];

/**
 * Backs up a database of its own in the live InfluxDB at these instants, in a time zone with clock changes: the full first.
 * New points come before each.
 */
async function nightsOf(scene: Scene, nights: readonly string[]) {
  const { influxdb } = scene.stage;
  const { copy, service } = scene;
  for (const each of (await copy.chain(service)).toReversed()) await copy.remove(each);
  await influxdb.query('CREATE DATABASE nights WITH DURATION INF SHARD DURATION 1d NAME days');
  scene.defer(() => influxdb.query('DROP DATABASE nights'));
  const source = { ...influxdb.source({ database: 'nights' }), service };
  for (const [i, night] of nights.entries()) {
    const at = new Date(night);
    const ns = BigInt(at.getTime()) * 1_000_000n;
    const points = Array.from(
      { length: 50 },
      (_, n) => `cpu,host=h${n % 2} n=${n}i ${ns - BigInt(n) * 1_800_000_000_000n}`,
    );
    await influxdb.write('nights', 'days', points);
    const { promoted } = await scene.backUp(i === 0 ? 'full' : 'incremental', {
      source,
      at,
      timeZone: 'Europe/Tallinn',
    });
    if (promoted) throw new Error(`an increment became a full: ${promoted}`);
  }
  configure(scene, { database: 'nights' });
}

function calendar(what: string, nights: readonly string[]): Benign {
  return {
    ...{ services: ['latency'], live: true, what },
    prepare: async (scene) => {
      await nightsOf(scene, nights);
      scene.now = new Date(scene.now.getTime() + hourMs);
    },
  };
}

const clocks: readonly Benign[] = [
  calendar('the backups are of the nights about a leap day', [
    '2028-02-28T01:30:00Z',
    '2028-02-29T01:30:00Z',
    '2028-03-01T01:30:00Z',
  ]),
  calendar('the clock was put forward between two backups', [
    '2026-03-29T00:30:00Z',
    '2026-03-29T01:30:00Z',
    '2026-03-30T00:30:00Z',
  ]),
  calendar('the clock was put back between two backups', [
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:30:00Z',
    '2026-10-26T01:30:00Z',
  ]),
  ...servicesOf(
    ['agama', 'grafana'] as const,
    (service): Benign => ({
      services: [service],
      what: 'a backup is drilled three weeks later, within the objective',
      prepare: async (scene) => weeksLater(scene),
    }),
  ),
  {
    ...{ services: ['telegraf'], live: true },
    what: 'a backup is drilled three weeks later, and holds points that are older than its retention policy',
    prepare: async (scene) => {
      const { influxdb } = scene.stage;
      for (const member of (await scene.copy.chain('telegraf')).toReversed()) await scene.copy.remove(member);
      await influxdb.query('CREATE DATABASE short WITH DURATION INF SHARD DURATION 1d NAME week');
      scene.defer(() => influxdb.query('DROP DATABASE short'));
      const ns = (days: number) => BigInt(Date.now() - days * dayMs) * 1_000_000n;
      await influxdb.write(
        'short',
        'week',
        [20, 10, 1, 0].map((days) => `cpu n=${days}i ${ns(days)}`),
      );
      // The server would take no point that is older than its policy.
      await influxdb.query('ALTER RETENTION POLICY week ON short DURATION 7d');
      await scene.backUp('full', { source: influxdb.source({ database: 'short' }) });
      configure(scene, { database: 'short' });
      weeksLater(scene);
    },
  },
];

function weeksLater(scene: Scene) {
  scene.now = new Date(scene.now.getTime() + 21 * dayMs);
  changeServices(scene, (each) => ({ ...each, objectives: { ...each.objectives, rpoMs: 30 * dayMs } }));
}

/** What must not be found: a false alarm teaches people not to look. */
export const benigns: readonly Benign[] = [...untouched, ...sources, ...clocks];
