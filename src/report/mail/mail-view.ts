import { localMoment, shortMoment } from '../../kit/local-time.ts';
import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import { dataAtOf } from '../../model/drill-summary.ts';
import type { Journal, ServiceRecord } from '../../model/journal.ts';
import { applicationLines } from '../view/applications-view.ts';
import { bounded } from '../view/bounded.ts';
import { duration } from '../view/duration.ts';
import { findingsView } from '../view/findings-view.ts';
import { type Outcome, outcomeView, resultsByService, worstOutcome } from '../view/outcome.ts';
import { line, nameOf } from '../view/untrusted.ts';
import { verdictView } from '../view/verdict-view.ts';
import { firstSentence } from './first-sentence.ts';
import type { MailOrder } from './mail-order.ts';
import { subjectOf } from './subject.ts';

const maxFindings = 5;
const maxServices = 20;
const maxNotes = 3;

/** What the templates of mail need of a verdict: they know no comparison. */
export const kindOf = (kind: Journal['verdict']['verdict']) => ({
  isPass: kind === 'pass',
  isFail: kind === 'fail',
  isUnclear: kind === 'inconclusive',
});

export const outcomeCell = (outcome: Outcome) => ({
  ...outcomeView(outcome),
  isGood: outcome === 'pass',
  isBad: outcome === 'fail',
});

/** All that the mail about one drill shows, as plain text; nothing in it is HTML. */
export function mailView(order: MailOrder, isAttached: boolean) {
  const { journal, timeZone } = order;
  const { kind, word, sign, tiles, drill } = verdictView(journal);
  const startedAt = localMoment(journal.drill.startedAt, timeZone, journal.drill.startedAt);
  return {
    ...{ subject: subjectOf(order), ...kindOf(kind), word, sign },
    about: `${journal.restore ? 'Restore' : 'Restore drill'} ${drill}, ${startedAt} (${timeZone})`,
    sentence: firstSentence(order),
    tiles: tiles.slice(0, 3),
    findings: findingsOf(journal),
    services: bounded(journal.services, maxServices, (record) => serviceOf(record, order)),
    remarks: remarksOf(order),
    foot: footOf(order, isAttached),
  };
}

/** Warnings are left to the report. */
function findingsOf(journal: Journal) {
  const { shown } = findingsView(journal);
  const bad = shown.filter((each) => each.outcome !== 'warning');
  return bounded(bad, maxFindings, ({ sentence, next }) => ({ sentence, next }));
}

function serviceOf(record: ServiceRecord, { journal, timeZone }: MailOrder) {
  const { service, title, readyMs, image } = record;
  const dataAt = dataAtOf(record);
  return {
    name: nameOf(service),
    engine: `${line(title)}${image?.standIn ? ' (stand-in)' : ''}`,
    ...outcomeCell(worstOutcome(resultsByService(journal.checks)(service))),
    ready: readyMs === null ? 'did not come back' : duration(readyMs),
    until: dataAt === null ? '–' : shortMoment(dataAt, timeZone, journal.drill.startedAt),
  };
}

function remarksOf({ journal, earlier, timeZone }: MailOrder): string[] {
  const { planted, excursions, drill, checks, notes } = journal;
  const [before] = earlier;
  const good = excursions.filter((each) => each.verdict === 'pass').length;
  const warnings = findingsView(journal).shown.filter((each) => each.outcome === 'warning').length;
  const passed = checks.filter((each) => each.outcome === 'pass').length;
  return [
    `${passed} of ${count(checks.length, 'check')} passed.`,
    ...applicationLines(journal).map((each) => `${each}.`),
    ...(planted ? [plantedWords(planted)] : []),
    ...(excursions.length > 0
      ? [`${good} of ${count(excursions.length, 'older backup')} that were tried as well are good.`]
      : []),
    ...(warnings > 0
      ? [`${count(warnings, 'thing')} may be worth a look, and decided nothing; the report names them.`]
      : []),
    ...notes.slice(0, maxNotes).map(line),
    ...(before
      ? [
          `The drill before was on ${localMoment(before.startedAt, timeZone, drill.startedAt)}: ${before.verdict}${usedWords(before.rto.usedMs)}.`,
        ]
      : []),
  ];
}

const usedWords = (usedMs: number | null) => (usedMs === null ? '' : `, in ${duration(usedMs)}`);

function plantedWords({ service, caughtBy }: NonNullable<Journal['planted']>): string {
  return caughtBy === null
    ? `To try the drill itself, a copy of the backup of ${nameOf(service)} was spoiled on purpose, and nobody noticed.`
    : `To try the drill itself, a copy of the backup of ${nameOf(service)} was spoiled on purpose: it was found out.`;
}

function footOf(order: MailOrder, isAttached: boolean): string[] {
  const { journal, timeZone, receipt } = order;
  const { drill } = journal;
  return [
    whereWords(order, isAttached),
    `Drill ${line(drill.id)} of vault ${line(drill.vault)}. Times are those of ${timeZone}.`,
    ...(receipt
      ? [
          `Keep this mail: receipt ${receipt.number} of the ledger has the hash ${receipt.sha256}; firedrill ledger verify --head compares it.`,
        ]
      : []),
  ];
}

function whereWords({ journal, reportPath, attachmentLimitBytes }: MailOrder, isAttached: boolean): string {
  const where = reportPath === null ? null : `${line(reportPath)} on ${line(journal.environment.host)}`;
  const there = where === null ? 'It could not be written to the disk.' : `It lies in ${where}.`;
  if (isAttached) return `The full report is attached. ${there}`;
  if (attachmentLimitBytes === 0)
    return `The full report is larger than the mail server takes, and not attached. ${there}`;
  return `The full report is larger than ${formatBytes(attachmentLimitBytes)}, and not attached. ${there}`;
}
