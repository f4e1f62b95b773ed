import { daylight, instants, type PointOrder, randomNumbers, rounded } from './point-source.ts';

export const latencyDays = 14;
const targets = ['gw.agama.example', 'dns1', 'dns2', 'mail', 'cdn', 'branch-tartu', 'branch-narva', 'backup', 'bank'];
const intervalS = 10;

/** Two weeks, or `days`, of pings to nine targets, every ten seconds, oldest first: lines of the line protocol. */
export function* latencyLines(order: PointOrder, days = latencyDays): Generator<string> {
  const random = randomNumbers(2);
  for (const ms of instants(order, days, intervalS)) {
    const load = daylight(ms);
    for (const [i, target] of targets.entries()) {
      const chance = random();
      // A target that does not answer has no time, only a loss.
      const answer = chance > 0.001 ? `,rtt_ms=${rounded((1 + i * 4) * (1 + load * chance), 2)}` : '';
      yield `ping,target=${target} loss=${answer ? 0 : 100}i,up=${answer !== ''}${answer} ${ms}`;
    }
  }
}
