import { pick, type Random } from '../../../src/kit/random.ts';
import type { StandIn } from '../../support/grafana-stand-in.ts';
import type { InfluxdbSource } from '../../support/influxdb-source.ts';
import type { MysqlServer } from '../../support/mysql-server.ts';
import * as agama from '../sources/agama.ts';
import { save } from '../sources/dashboards.ts';

/*
 * What an ordinary company does between two nights: more on weekdays than at weekends, never twice the same, now and then a
 * new table, a late point, a renamed dashboard. Nothing of it is a fault.
 */

/** The servers. */
export interface Company {
  mysql: MysqlServer;
  influxdb: InfluxdbSource;
  grafana: StandIn;
}

/** A night, and chance: the same numbers for the same night in each run. */
export interface Change {
  night: number;
  /** When its backups begin. */
  at: Date;
  random: Random;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** So that the rhythm of the hours is known from the first night on. */
const daysBefore = 9;

export async function foundCompany({ mysql, influxdb }: Company, first: Change): Promise<void> {
  await mysql.sql(`${asOf(first.at)} ${agama.nights[0]}
    GRANT CREATE, SELECT, INSERT, DELETE ON agama.firedrill_heartbeat TO backup@'%';`);
  for (const statement of [
    'CREATE DATABASE telegraf WITH DURATION INF SHARD DURATION 7d NAME weeks',
    'CREATE RETENTION POLICY lines ON telegraf DURATION 1344h REPLICATION 1 SHARD DURATION 7d',
    'CREATE DATABASE latency WITH DURATION 1344h SHARD DURATION 7d NAME month',
    "CREATE USER reader WITH PASSWORD 'only for reading'",
    'GRANT READ ON telegraf TO reader',
  ])
    await influxdb.query(statement);
  for (let day = daysBefore; day > 0; day -= 1) {
    await aDayOfMetrics(influxdb, { ...first, at: new Date(first.at.getTime() - day * dayMs) });
  }
}

/** All that happens until the backups of a night. */
export async function liveUntil({ mysql, influxdb, grafana }: Company, change: Change): Promise<void> {
  await mysql.sql(`${asOf(change.at)} USE agama; ${ofToDos(change)}`);
  await aDayOfMetrics(influxdb, change);
  await oddThings(influxdb, change);
  await ofDashboards(grafana, change);
}

/** A minute before the backup, by whatever the server would take for now. */
const asOf = (at: Date) => `SET SESSION timestamp = ${(at.getTime() - minuteMs) / 1_000};`;

const isWeekend = ({ at }: Change) => at.getUTCDay() % 6 === 0;

function ofToDos(change: Change): string {
  const { night, random } = change;
  const added = (isWeekend(change) ? 10 : 60) + Math.floor(random() * 30);
  const first = 60 + night * 20;
  return `
    INSERT INTO todos (customer, title, price) SELECT id, CONCAT('of night ${night}, ', UUID()), id / 3 FROM customers LIMIT ${added};
    UPDATE todos SET state = (state + 1) % 3 WHERE id % 97 = ${night};
    DELETE FROM todos WHERE id BETWEEN ${first} AND ${first + 5};
    INSERT INTO files (todo, content) SELECT MAX(id), RANDOM_BYTES(700) FROM todos;
    UPDATE settings SET value = '${night}' WHERE name = 'currency';
    ${pick(random, odd(night))}`;
}

const odd = (night: number) => [
  '',
  'FLUSH BINARY LOGS; DELETE FROM import_queue;',
  `CREATE TABLE of_${night} (id int PRIMARY KEY, note text); INSERT INTO of_${night} VALUES (1, 'wanted');`,
  `ALTER TABLE customers ADD COLUMN since_${night} varchar(20) DEFAULT 'none';`,
  `CREATE VIEW view_${night} AS SELECT customer, COUNT(*) AS n FROM todos GROUP BY customer;`,
  `INSERT INTO import_queue (line) SELECT title FROM todos LIMIT 50; DELETE FROM import_queue LIMIT 20;`,
  `START TRANSACTION; DELETE FROM todos; ROLLBACK; INSERT INTO customers (name) VALUES ('Night Owl ${night}');`,
];

/** Each hour of the day until then has points of everything. */
async function aDayOfMetrics(influxdb: InfluxdbSource, change: Change) {
  const { at, random } = change;
  const every = (minutes: number, line: (n: number) => string) =>
    Array.from({ length: (24 * 60) / minutes }, (_, n) => {
      const ns = BigInt(at.getTime() - (n * minutes + 1) * minuteMs) * 1_000_000n;
      return `${line(n)} ${ns}`;
    });
  const load = isWeekend(change) ? 20 : 60;
  const cpu = (n: number) => `cpu,host=h${n % 3} usage=${(load + random() * 20).toFixed(2)},n=${n}i,up=true`;
  await influxdb.write('telegraf', 'weeks', every(10, cpu));
  const syslog = (n: number) => `syslog,severity=${n % 20 ? 'info' : 'warning'} message="line ${n} ${random()}"`;
  await influxdb.write('telegraf', 'lines', every(isWeekend(change) ? 15 : 10, syslog));
  const ping = () => `ping,to=agama ms=${Math.floor(random() * 40) + 1}`;
  await influxdb.write('latency', 'month', every(5, ping));
}

async function oddThings(influxdb: InfluxdbSource, { night, at, random }: Change) {
  const ns = (days: number) => BigInt(at.getTime() - days * dayMs) * 1_000_000n;
  const change = pick(random, [
    async () => {},
    () => influxdb.write('telegraf', 'weeks', [`cpu,host=h1 usage=1.5,n=1i,up=false ${ns(3)}`]),
    () => influxdb.write('telegraf', 'weeks', [`once,night=n${night} v=1 ${ns(1)}`]),
    () => influxdb.query(`DELETE FROM cpu WHERE host = 'h2' AND time > ${ns(2)} - 2h AND time < ${ns(2)}`, 'telegraf'),
    () => influxdb.query(`CREATE USER of_${night} WITH PASSWORD 'of the night'`),
  ]);
  await change?.();
}

async function ofDashboards(grafana: StandIn, { night, random }: Change) {
  const uid = `night-${night % 7}`;
  await save(grafana, uid, `what was known in night ${night}`, `About ${Math.floor(random() * 1_000)}`);
  if (night % 5 !== 4) return;
  const { status } = await grafana.ask(`/api/dashboards/uid/${uid}`, { method: 'DELETE' });
  if (status !== 200) throw new Error(`the dashboard ${uid} was not deleted: ${status}`);
}
