import { daylight, instants, type PointOrder, randomNumbers, rounded } from './point-source.ts';

export const telegrafDays = 21;
const hosts = Array.from(
  { length: 12 },
  (_, i) => `${['web', 'db', 'mon'][i % 3]}${1 + Math.floor(i / 3)}.agama.example`,
);
const intervalS = 60;

/** Three weeks, or `days`, of what Telegraf collects on twelve machines, oldest first: lines of the line protocol. */
export function* telegrafLines(order: PointOrder, days = telegrafDays): Generator<string> {
  const random = randomNumbers(1);
  const sent = hosts.map(() => 0);
  for (const ms of instants(order, days, intervalS)) {
    const load = daylight(ms);
    for (const [i, host] of hosts.entries()) {
      sent[i] = (sent[i] ?? 0) + Math.floor(random() * 1e6);
      yield cpu(host, ms, load, random());
      yield mem(host, ms, load, random());
      yield* disks(host, ms, order.untilMs, random());
      yield `net,host=${host},interface=eth0 bytes_sent=${sent[i]}i,bytes_recv=${sent[i] * 3}i,err_in=0i ${ms}`;
      if (random() < 2 / 3) yield syslog(host, ms + Math.floor(random() * -50_000), random());
    }
  }
}

function cpu(host: string, ms: number, load: number, chance: number): string {
  const user = rounded(5 + 40 * load * chance, 1);
  const system = rounded(1 + 5 * chance, 1);
  return `cpu,cpu=cpu-total,host=${host} usage_user=${user},usage_system=${system},usage_idle=${rounded(100 - user - system, 1)} ${ms}`;
}

function mem(host: string, ms: number, load: number, chance: number): string {
  const used = Math.floor(4e9 + 3e9 * load + 1e9 * chance);
  return `mem,host=${host} used=${used}i,available=${16e9 - used}i,used_percent=${rounded(used / 16e7, 2)} ${ms}`;
}

function* disks(host: string, ms: number, untilMs: number, chance: number): Generator<string> {
  const used = Math.floor(60e9 - (untilMs - ms) / 1000 + chance * 1e6);
  yield `disk,host=${host},path=/ used=${used}i,free=${100e9 - used}i ${ms}`;
  yield `disk,host=${host},path=/var/lib/my\\ data used=${used * 2}i,free=${300e9 - used * 2}i ${ms}`;
}

const said = [
  ['sshd', 'info', 'Accepted publickey for deploy from 192.0.2.17'],
  ['cron', 'info', '(root) CMD (test -x /usr/sbin/anacron)'],
  ['kernel', 'warning', 'Out of memory: \\"java\\" – päästetud 💾'],
  ['nginx', 'err', 'upstream timed out, client: 198.51.100.4, path C:\\\\tmp'],
] as const;

function syslog(host: string, ms: number, chance: number): string {
  const [app, severity, message] = said[Math.floor(chance * said.length)] ?? said[0];
  const pid = Math.floor(chance * 30_000);
  return `syslog,appname=${app},host=${host},severity=${severity} message="${message}",pid=${pid}i,truncated=${chance > 0.99} ${ms}`;
}
