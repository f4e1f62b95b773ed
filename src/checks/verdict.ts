import { count } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import type { CheckResult } from '../model/check.ts';
import type { Verdict } from '../model/journal.ts';

export interface VerdictContext {
  services: number;
  rto: { objectiveMs: number; usedMs: number | null };
  /** The oldest of the services' data instants: what everything together is restorable to. */
  restoredTo: string | null;
}

/** One word for a drill. A failure outweighs what could not be looked at; nothing at all is never a pass. */
export function decideVerdict(results: readonly CheckResult[], context: VerdictContext): Verdict {
  const failed = results.filter((each) => each.outcome === 'fail');
  if (failed.length > 0) return { verdict: 'fail', sentence: say(failed, 'The backup is not good') };
  const unclear = results.filter((each) => each.outcome === 'inconclusive');
  if (unclear.length > 0)
    return { verdict: 'inconclusive', sentence: say(unclear, 'The drill could not judge the backup') };
  const passed = results.filter((each) => each.outcome === 'pass').length;
  if (passed === 0 || passed < results.length) {
    return { verdict: 'inconclusive', sentence: 'The drill could not judge the backup: not all checks were run.' };
  }
  return { verdict: 'pass', sentence: success(passed, context) };
}

function say(results: readonly CheckResult[], opening: string): string {
  const findings = results.reduce((sum, each) => sum + each.findings.length + each.moreFindings, 0);
  const more = findings > 1 ? ` (and ${count(findings - 1, 'further finding')})` : '';
  return `${opening}: ${results[0]?.findings[0]?.sentence ?? 'no finding was given'}${more}.`;
}

function success(passed: number, { services, rto, restoredTo }: VerdictContext): string {
  const used = rto.usedMs === null ? '' : ` in ${formatDuration(rto.usedMs)} of ${formatDuration(rto.objectiveMs)}`;
  const to = restoredTo === null ? '' : `, with the data of ${restoredTo.slice(0, 16).replace('T', ' ')} UTC`;
  return `${services === 1 ? 'The service was' : `All ${services} services were`} restored${used}${to}; ${count(passed, 'check')} passed.`;
}
