import { plainLine } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import type { CheckResult } from '../model/check.ts';
import type { Journal, ServiceRecord } from '../model/journal.ts';

/** The journal as plain text, without colour, for terminals and logs. Untrusted names are made harmless. */
export function renderText(journal: Journal): string {
  const { verdict, rto, services, checks, notes } = journal;
  const used = rto.usedMs === null ? 'not all services came back' : formatDuration(rto.usedMs);
  return [
    `${verdict.verdict.toUpperCase()}: ${plainLine(verdict.sentence)}`,
    '',
    `Restore time  ${used} of ${formatDuration(rto.objectiveMs)}`,
    ...services.map(serviceLine),
    ...findings(checks),
    ...notes.map((note) => `Note: ${plainLine(note)}`),
  ].join('\n');
}

function serviceLine({ service, title, members, readyMs, rpo, restoredTo }: ServiceRecord): string {
  const newest = members.at(-1);
  const back = readyMs === null ? 'not restored' : `back in ${formatDuration(readyMs)}`;
  const lost =
    rpo.measuredMs === null
      ? ''
      : `, would lose ${formatDuration(rpo.measuredMs)} of ${formatDuration(rpo.objectiveMs)}`;
  const data = restoredTo ? `, newest event ${restoredTo.at} (${restoredTo.basis})` : '';
  return plainLine(`${service.padEnd(12)}  ${title}: ${newest?.id ?? 'no backup'}, ${back}${lost}${data}`);
}

function findings(checks: readonly CheckResult[]): string[] {
  return checks
    .filter((each) => each.outcome === 'fail' || each.outcome === 'inconclusive')
    .flatMap((each) =>
      each.findings.map(({ sentence, next }) => {
        const then = next ? `\n    next: ${plainLine(next)}` : '';
        return `${each.outcome === 'fail' ? 'FAILED' : 'UNSEEN'} ${each.check}: ${plainLine(sentence)}${then}`;
      }),
    );
}
