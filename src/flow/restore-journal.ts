import { exitStatus } from '../kit/errors.ts';
import { count } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import type { Journal, RestoreRecord } from '../model/journal.ts';
import type { Carriage } from './carriage.ts';
import type { RestorePlan } from './restore-order.ts';

/** The drill's journal, with what became of the target; the verdict is the restore's. */
export function withRestore(journal: Journal, plan: RestorePlan, carriage: Carriage): Journal {
  const { carried, carryMs, error, hasBegun, safetyCopy, wasProven, wasReached } = carriage;
  const checks = carried?.results ?? [];
  const bad = checks.filter(({ outcome }) => outcome !== 'pass');
  const outcome = carried ? (bad.length > 0 ? 'differs' : 'restored') : hasBegun ? 'broke-off' : 'untouched';
  const restore: RestoreRecord = {
    ...{ reason: plan.reason, target: plan.target, host: plan.host, outcome },
    parts: plan.parts && [...plan.parts],
    replaced: hasBegun ? [...plan.replaces] : [],
    ...{ safetyCopy, lostMs: plan.lostMs, carryMs, checks },
  };
  const notes = [...journal.notes, ...(carried?.notes ?? [])];
  if (!wasReached) {
    const sentence = `Nothing was written into ${plan.target}. ${journal.verdict.sentence}`;
    return { ...journal, notes, restore, verdict: { ...journal.verdict, sentence } };
  }
  if (error) {
    const verdict = { verdict: 'inconclusive', sentence: `${error.message}.` } as const;
    return { ...journal, notes, restore, verdict, exitStatus: error.exit };
  }
  if (outcome === 'restored' && !wasProven) {
    const sentence = `${plan.service} was restored into ${plan.target} although its backup did not pass. ${journal.verdict.sentence}`;
    return { ...journal, notes, restore, verdict: { ...journal.verdict, sentence } };
  }
  const first = bad[0]?.findings[0]?.sentence ?? '';
  const sentence =
    outcome === 'restored'
      ? sayRestored(journal, plan, carriage)
      : `${plan.service} was written into ${plan.target}, but is not what was proven: ${first}.`;
  const verdict = { verdict: outcome === 'restored' ? 'pass' : 'fail', sentence } as const;
  const status = outcome === 'restored' ? exitStatus.pass : exitStatus.drillFailed;
  return { ...journal, notes, restore, verdict, exitStatus: status };
}

function sayRestored(journal: Journal, plan: RestorePlan, { carried, carryMs }: Carriage): string {
  const took = formatDuration((journal.rto.usedMs ?? 0) + (carryMs ?? 0));
  const checks = count(carried?.results.length ?? 0, 'check');
  return `${plan.service} was restored into ${plan.target}: ${carried?.place}, to ${plan.point}, in ${took}; ${checks} there passed.`;
}
