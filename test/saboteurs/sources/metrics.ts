import { setTimeout as sleep } from 'node:timers/promises';
import type { InfluxdbSource } from '../../support/influxdb-source.ts';

const secondNs = 1_000_000_000n;
const dayNs = 86_400n * secondNs;
const nowNs = () => BigInt(Date.now()) * 1_000_000n;

type Night = (source: InfluxdbSource) => Promise<void>;

/** Every 10 s, back from `end`. */
function cpu(end: bigint, points: number): string[] {
  return Array.from({ length: points }, (_, i) => {
    const at = end - BigInt(i) * 10n * secondNs;
    return `cpu,host=h${i % 3},cpu=cpu0 usage=${(i * 37) % 100}.5,n=${i}i,up=${i % 5 > 0} ${at}`;
  });
}

const syslog = (end: bigint, text: string) =>
  Array.from({ length: 200 }, (_, i) => `syslog,severity=info message="${text} ${i}" ${end - BigInt(i) * secondNs}`);

/** Three days, in shards of one day each; the second night writes late points, the third deletes some. */
export const telegrafNights: readonly Night[] = [
  async (source) => {
    await source.query('CREATE DATABASE telegraf WITH DURATION INF SHARD DURATION 1d NAME days');
    await source.query('CREATE RETENTION POLICY weeks ON telegraf DURATION 1344h REPLICATION 1 SHARD DURATION 1d');
    await source.query("CREATE USER reader WITH PASSWORD 'only for reading'");
    await source.query('GRANT READ ON telegraf TO reader');
    for (const day of [0n, 1n, 2n]) await source.write('telegraf', 'days', cpu(nowNs() - day * dayNs, 600));
    await source.write('telegraf', 'weeks', syslog(nowNs(), 'a line of syslog'));
  },
  async (source) => {
    await source.write('telegraf', 'days', cpu(nowNs(), 30));
    await source.write('telegraf', 'days', [`late,host=h1 v=1 ${nowNs() - 2n * dayNs}`]);
  },
  async (source) => {
    await source.write('telegraf', 'days', cpu(nowNs(), 10));
    await source.write('telegraf', 'weeks', syslog(nowNs(), 'of the night'));
    await source.query("DELETE FROM cpu WHERE host = 'h2' AND n < 20", 'telegraf').catch(() => {});
  },
];

/** Every minute, back from `end`. */
const pings = (end: bigint, points: number) =>
  Array.from({ length: points }, (_, i) => `ping,to=agama ms=${(i % 40) + 1} ${end - BigInt(i) * 60n * secondNs}`);

/** Of these, what lies in the shard of `end`: whoever empties it leaves nothing that is younger than a day. */
const pingsOfDay = (end: bigint, points: number) =>
  pings(end, Math.min(points, Number((end % dayNs) / (60n * secondNs)) + 1));

const shortestDayMs = 60_000;

/** Both nights are of one day. */
async function untilDayIsLong() {
  const dayMs = 86_400_000;
  const left = () => dayMs - (Date.now() % dayMs);
  while (left() < shortestDayMs) await sleep(left() + 1);
}

export const latencyNights: readonly Night[] = [
  async (source) => {
    await untilDayIsLong();
    await source.query('CREATE DATABASE latency WITH DURATION 672h SHARD DURATION 1d NAME month');
    await source.write('latency', 'month', pings(nowNs() - dayNs, 120));
    await source.write('latency', 'month', pingsOfDay(nowNs(), 120));
  },
  (source) => source.write('latency', 'month', pingsOfDay(nowNs(), 5)),
];
