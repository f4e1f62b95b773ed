import type { Journal } from '../model/journal.ts';

/** The one line for scripts: `verdict: pass | rto: 48.3 of 1800 s | report: <path>`. */
export function verdictLine({ verdict, rto }: Journal, reportPath: string): string {
  const used = rto.usedMs === null ? 'not reached' : (rto.usedMs / 1000).toFixed(1);
  return `verdict: ${verdict.verdict} | rto: ${used} of ${rto.objectiveMs / 1000} s | report: ${reportPath}`;
}
