import { type CheckResult, Look } from '../model/check.ts';
import type { MeasuredMember } from '../model/past-members.ts';
import { aspects } from './anomaly/aspects.ts';
import { certainly } from './anomaly/certain.ts';
import { comparisonsOf, peersOf } from './anomaly/compare.ts';
import { creep } from './anomaly/creep.ts';
import { isEnough, normsFor, sayTooFew } from './anomaly/past.ts';

export interface AnomalyQuestion {
  service: string;
  /** What is restored, the full first: judged are those that no drill has verified yet, and the newest in any case. */
  chain: readonly MeasuredMember[];
  /** What drills have verified; of any age. */
  past: readonly MeasuredMember[];
  /** In ms since 1970: what is from before then is no norm; absent: all of 30 days is. */
  usualSinceMs?: number | undefined;
}

export interface AnomalyAnswer {
  /** undefined: too little is known to judge anything. */
  result: CheckResult | undefined;
  /** What could not be told yet, in words. */
  notes: string[];
}

/**
 * Is anything unusual about what no drill has verified yet? Honest days are unusual too (a purge, a new table, a load), so
 * findings are warnings; but for what no honest day does, see `certainly`.
 */
export function checkAnomaly({ service, chain, past, usualSinceMs = 0 }: AnomalyQuestion): AnomalyAnswer {
  const newest = chain.at(-1);
  if (!newest) return { result: undefined, notes: [] };
  const verified = new Set(past.map(({ manifestSha256 }) => manifestSha256));
  const judged = chain.filter((each) => each === newest || !verified.has(each.manifestSha256));
  const norms = normsFor(newest, past, judged, usualSinceMs);
  const compared = judged.flatMap((member) => comparisonsOf(member, norms));
  const notes = isEnough(norms, newest.kind) ? [] : [sayTooFew(service, newest.kind, norms)];
  if (compared.length === 0) return { result: undefined, notes };
  const look = new Look('anomaly', service, 'comparisons with the past', compared.length).sawOne(compared.length);
  for (const { member, what, expected, found, unusual } of compared) {
    if (unusual !== undefined || member === newest) look.compare(what, expected, found);
    if (unusual !== undefined) look.warn({ sentence: `${service}: ${unusual}`, expected, found });
  }
  const next = `If it was meant, set services.${service}.usualSince to ${newest.dataAt.slice(0, 16)}Z in the configuration.`;
  for (const { sentence, ...texts } of judged.flatMap((member) => certainly(member, norms))) {
    look.fail({ sentence: `${service}: ${sentence}`, ...texts, next });
  }
  for (const sentence of creepsOf(newest, norms)) look.warn({ sentence: `${service}: ${sentence}`, next });
  return { result: look.result(), notes };
}

/** What has gone one way for a month, a little each day. */
function creepsOf(newest: MeasuredMember, norms: readonly MeasuredMember[]): string[] {
  return aspects.flatMap((aspect) => {
    const value = aspect.of(newest);
    if (aspect.creeps === undefined || value === undefined) return [];
    const dated = [...peersOf(newest, aspect, norms), newest].map((each) => ({
      at: Date.parse(each.dataAt),
      value: Math.max(aspect.of(each) ?? 0, aspect.tolerance[each.kind].least),
    }));
    const seen = creep(dated, Date.parse(newest.dataAt), aspect.creeps);
    if (!seen) return [];
    const [from, to] = [aspect.say(seen.from, newest), aspect.say(seen.to, newest)];
    return [
      `for four weeks backups ${aspect.verb} ${aspect.creeps === 'low' ? 'less' : 'more'} each week: ${from} then, ${to} now`,
    ];
  });
}
