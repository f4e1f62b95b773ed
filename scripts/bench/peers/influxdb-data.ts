import { type Random, seeded } from '../../../src/kit/random.ts';

export const influxDatabase = 'telegraf';
/** Of data, in shards of a day. */
const days = 14;
const endMs = Date.UTC(2026, 0, 15);
const dayMs = 86_400_000;

interface Series {
  /** Measurement and tags, as they stand in a line. */
  key: string;
  /** The fields of the next point. */
  next(random: Random): string;
}

const hosts = 60;

/** What telegraf sends of 60 hosts: 1,020 series of five measurements; floats, counters, texts. */
export function telegrafSeries(): Series[] {
  return Array.from({ length: hosts }, (_, i) => `host=web${`${i}`.padStart(3, '0')}`).flatMap((host) => [
    ...Array.from({ length: 8 }, (_, i) => ({ key: `cpu,cpu=cpu${i},${host}`, next: cpu })),
    { key: `mem,${host}`, next: memory },
    ...['/', '/var', '/home'].map((path) => ({ key: `disk,${host},path=${path}`, next: disk })),
    ...['eth0', 'eth1'].map((name) => ({ key: `net,${host},interface=${name}`, next: counters() })),
    ...['sshd', 'nginx', 'cron'].map((name) => ({ key: `syslog,appname=${name},${host}`, next: message })),
  ]);
}

const share = (random: Random, most: number) => Math.round(random() * most * 100) / 100;

function cpu(random: Random): string {
  const [user, system, wait] = [share(random, 60), share(random, 20), share(random, 5)];
  return `usage_user=${user},usage_system=${system},usage_iowait=${wait},usage_idle=${(100 - user - system - wait).toFixed(2)}`;
}

const whole = (random: Random, most: number) => Math.floor(random() * most);

const memory = (random: Random) =>
  `used=${whole(random, 16e9)}i,available=${whole(random, 16e9)}i,used_percent=${share(random, 100)}`;
const disk = (random: Random) =>
  `used=${whole(random, 5e11)}i,free=${whole(random, 5e11)}i,inodes_used=${whole(random, 1e7)}i`;

/** They only grow. */
function counters() {
  let [received, sent] = [0, 0];
  return (random: Random) => {
    received += whole(random, 4e6);
    sent += whole(random, 1e6);
    return `bytes_recv=${received}i,bytes_sent=${sent}i`;
  };
}

const message = (random: Random) =>
  `severity=${whole(random, 8)}i,message="connection ${whole(random, 1e9).toString(36)} from 10.${whole(random, 256)}.${whole(random, 256)}.9 closed after ${whole(random, 5000)} ms"`;

/** Line protocol with instants in ms, in bodies of some thousand lines: the same for the same seed, in the order of time. */
export function* lineBodies(points: number, seed: number, linesPerBody = 10_000): Generator<string> {
  const random = seeded(seed);
  const series = telegrafSeries();
  const ticks = Math.ceil(points / series.length);
  let lines: string[] = [];
  for (let made = 0; made < points; made += 1) {
    const tick = Math.floor(made / series.length);
    const atMs = endMs - days * dayMs + Math.floor((tick / ticks) * days * dayMs);
    const one = series[made % series.length];
    lines.push(`${one?.key} ${one?.next(random)} ${atMs}`);
    if (lines.length < linesPerBody && made + 1 < points) continue;
    yield lines.join('\n');
    lines = [];
  }
}

/** How many points each measurement has. */
export function pointsByMeasurement(points: number): Map<string, number> {
  const counts = new Map<string, number>();
  const series = telegrafSeries();
  for (const [i, { key }] of series.entries()) {
    const name = key.slice(0, key.indexOf(','));
    const own = Math.floor(points / series.length) + (i < points % series.length ? 1 : 0);
    counts.set(name, (counts.get(name) ?? 0) + own);
  }
  return counts;
}
