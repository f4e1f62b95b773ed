import { count } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import { type CheckResult, isWarning } from '../model/check.ts';
import type { LastGoodRecord, Verdict } from '../model/journal.ts';

export interface VerdictContext {
  services: number;
  rto: { objectiveMs: number; usedMs: number | null };
  /** The oldest of the services' data instants: what everything together is restorable to. */
  restoredTo: string | null;
  /** Where services that failed can still be restored to. */
  lastGood: readonly LastGoodRecord[];
}

/** One word for a drill. A failure outweighs what could not be looked at; nothing at all is never a pass. */
export function decideVerdict(results: readonly CheckResult[], context: VerdictContext): Verdict {
  const failed = results.filter((each) => each.outcome === 'fail');
  if (failed.length > 0) {
    const sentences = [say(failed, openingOf(failed)), ...context.lastGood.map(sayLastGood)];
    return { verdict: 'fail', sentence: sentences.join(' ') };
  }
  const unclear = results.filter((each) => each.outcome === 'inconclusive');
  if (unclear.length > 0)
    return { verdict: 'inconclusive', sentence: say(unclear, 'The drill could not judge the backup') };
  const passed = results.filter((each) => each.outcome === 'pass').length;
  if (passed === 0 || passed < results.length) {
    return { verdict: 'inconclusive', sentence: 'The drill could not judge the backup: not all checks were run.' };
  }
  const warnings = results.reduce((sum, each) => sum + each.findings.length + each.moreFindings, 0);
  return { verdict: 'pass', sentence: success(passed, warnings, context) };
}

/** A planted fault that nobody noticed says nothing of the backup, and takes all worth from what is said of it. */
function openingOf(failed: readonly CheckResult[]): string {
  const areAll = (check: CheckResult['check']) => failed.every((each) => each.check === check);
  if (areAll('planted')) return 'The drill cannot be trusted';
  return areAll('application')
    ? 'The restored data passed its checks, and the application does not work on it'
    : 'The backup is not good';
}

function say(results: readonly CheckResult[], opening: string): string {
  const own = (each: CheckResult) => each.findings.filter((finding) => !isWarning(finding)).length;
  const findings = results.reduce((sum, each) => sum + own(each) + each.moreFindings, 0);
  const more = findings > 1 ? ` (and ${count(findings - 1, 'further finding')})` : '';
  return `${opening}: ${results[0]?.findings[0]?.sentence ?? 'no finding was given'}${more}.`;
}

/** Restorable to when, what would be lost, which member is bad. */
function sayLastGood({ service, good, bad }: LastGoodRecord): string {
  const culprit = bad === null ? '' : `; ${bad} is bad`;
  if (!good) return `${service} cannot be restored to any point that was tried${culprit}.`;
  const lost = formatDuration(good.lostMs);
  return `${service} can be restored to ${minute(good.dataAt)} (${good.member}): ${lost} of data would be lost${culprit}.`;
}

const minute = (instant: string) => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

function success(passed: number, warnings: number, { services, rto, restoredTo }: VerdictContext): string {
  const used = rto.usedMs === null ? '' : ` in ${formatDuration(rto.usedMs)} of ${formatDuration(rto.objectiveMs)}`;
  const to = restoredTo === null ? '' : `, with the data of ${minute(restoredTo)}`;
  const but = warnings === 0 ? '' : `, with ${count(warnings, 'warning')}`;
  return `${services === 1 ? 'The service was' : `All ${services} services were`} restored${used}${to}; ${count(passed, 'check')} passed${but}.`;
}
