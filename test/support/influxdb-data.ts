import type { InfluxdbSource } from './influxdb-source.ts';

const nsPerSecond = 1_000_000_000n;
export const nsPerDay = 86_400n * nsPerSecond;

export const continuousQuery =
  'CREATE CONTINUOUS QUERY "cq 1" ON telegraf BEGIN SELECT mean("usage \\"user\\"") AS usage INTO telegraf.forever.cpu_h FROM telegraf."eight weeks".cpu GROUP BY time(1h), * END';

const policies = [
  'CREATE RETENTION POLICY "eight weeks" ON telegraf DURATION 1344h REPLICATION 1 SHARD DURATION 1d DEFAULT',
  'CREATE RETENTION POLICY forever ON telegraf DURATION INF REPLICATION 1',
  'CREATE RETENTION POLICY unused ON telegraf DURATION 3d REPLICATION 1',
];

/** All kinds of data that a server can hold: types, tags, names, days, overlaps, deletions, two policies and databases. */
export async function seedEverything(source: InfluxdbSource, now: bigint) {
  for (const name of ['telegraf', 'other']) await source.query(`CREATE DATABASE ${name}`);
  for (const statement of [...policies, continuousQuery]) await source.query(statement);
  await source.query("CREATE USER reader WITH PASSWORD 'only for reading'");
  await source.query('GRANT READ ON telegraf TO reader');
  for (let day = 0n; day < 4n; day += 1n) await source.write('telegraf', 'eight weeks', cpuOf(now - day * nsPerDay));
  await source.write('telegraf', 'forever', oddities(now));
  await source.write('other', 'autogen', [`secret_of_another_database v=1 ${now}`]);
}

/** Two hosts, at 10 s and at irregular times; all four types. */
function cpuOf(end: bigint): string[] {
  return Array.from({ length: 1500 }, (_, i) => {
    const n = BigInt(i);
    const regular = end - n * 10n * nsPerSecond;
    return [
      `cpu,cpu=cpu0,host=a usage\\ "user"=${i / 7},n=${i}i,up=${i % 2 === 0},msg="m ${i % 50}, \\"quoted\\"" ${regular}`,
      `cpu,cpu=cpu0,host=b usage\\ "user"=${-i / 3},n=${-i}i ${regular + n * n * 1_003n}`,
    ].join('\n');
  });
}

function oddities(now: bigint): string[] {
  return [
    `we\\ ird\\,me"as,ta\\ g\\=k=v\\,ä,zone=µ fi\\ e\\,ld="q\\"uote",n=1i ${now}`,
    `we\\ ird\\,me"as,zone=x n=2i ${now - 400n * nsPerDay}`,
    `ünï,tä\\ g=vä\\=l,é="q" f"ie\\\\ld=1 ${now - nsPerDay}`,
    // Before 1970, at the end of a day, and in the future.
    'edges v=1 -1000000000000000',
    `edges v=1 ${(now / nsPerDay) * nsPerDay - 1n}`,
    `edges v=1 ${(now / nsPerDay) * nsPerDay}`,
    `edges v=1 ${now + 300n * nsPerDay}`,
    'edges v=1 9223372036854775806',
    // One field, whose type changes between shards.
    `mixed v=1 ${now}`,
    `mixed v=2i ${now - 30n * nsPerDay}`,
    `mixed v="three" ${now - 60n * nsPerDay}`,
    `mixed v=true ${now - 90n * nsPerDay}`,
    // All its points will be deleted.
    `gone v=1 ${now}`,
  ];
}

/**
 * After what is there was written to data files: overwritten points, backfill between existing ones, and deletions, which
 * become tombstones. The server merges them away within seconds: dump soon.
 */
export async function overwriteAndDelete(source: InfluxdbSource, now: bigint) {
  const lines = Array.from({ length: 400 }, (_, i) => {
    const at = now - nsPerDay - BigInt(i) * 15n * nsPerSecond;
    return `cpu,cpu=cpu0,host=a usage\\ "user"=-1,n=${i}i ${at}`;
  });
  await source.write('telegraf', 'eight weeks', lines);
  const from = new Date(Number((now - 2n * nsPerDay) / 1_000_000n) - 3_600_000).toISOString();
  const to = new Date(Number((now - 2n * nsPerDay) / 1_000_000n) - 600_000).toISOString();
  await source.query(`DELETE FROM cpu WHERE host = 'a' AND time >= '${from}' AND time <= '${to}'`, 'telegraf');
  await source.query('DELETE FROM gone', 'telegraf');
}
