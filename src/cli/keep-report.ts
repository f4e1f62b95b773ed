import type { KeyObject } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { exitStatus } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import type { Journal } from '../model/journal.ts';
import { type KeptReceipt, keepReceipt } from '../report/ledger.ts';
import { writeIndex } from '../report/write-index.ts';
import { writeReports } from '../report/write-reports.ts';
import type { Composed } from './context.ts';
import { printError } from './output.ts';
import type { Session } from './session.ts';
import { shownPath } from './shown-path.ts';

export interface KeptReport {
  /** For people. */
  report: string;
  /** null: it could not be written. */
  folder: string | null;
}

/**
 * Writes what a drill, or a real restore, leaves: its reports, the receipt of its journal, and the index of all drills. Returns the
 * report's path as it is shown, and its folder, in which `beside` lies as well; what cannot be written takes nothing from the
 * verdict but the status 0.
 */
export async function keepReport(
  journal: Journal,
  { reportsFolder, timeZone }: Pick<Composed, 'reportsFolder' | 'timeZone'>,
  ledgerKey: KeyObject | undefined,
  session: Session,
  beside?: ReadonlyMap<string, string>,
): Promise<KeptReport> {
  const kept: KeptReport = { report: 'not written', folder: null };
  try {
    const { folder, html } = await writeReports(journal, reportsFolder, beside);
    kept.report = shownPath(html);
    kept.folder = folder;
    session.report = resolve(folder);
    session.remark(plainLine(describeReceipt(await keepReceipt(reportsFolder, basename(folder), ledgerKey))));
    await writeIndex(reportsFolder, { timeZone, now: new Date() });
  } catch (error) {
    printError(error, session.options);
    if (session.status !== exitStatus.drillFailed) session.status = exitStatus.harness;
  }
  return kept;
}

function describeReceipt({ number, head, signed, adopted }: KeptReceipt): string {
  const late =
    adopted.length === 0 ? '' : `; ${count(adopted.length, 'journal')} without one got theirs: ${adopted.join(', ')}`;
  return `receipt ${number}${signed ? '' : ' (not signed)'}: ${head}${late}`;
}
