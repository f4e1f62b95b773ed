import { localMoment } from '../../kit/local-time.ts';
import { count, plainLine } from '../../kit/text.ts';
import type { Journal } from '../../model/journal.ts';
import { duration } from '../view/duration.ts';
import { findingsView } from '../view/findings-view.ts';
import { sentence } from '../view/untrusted.ts';
import type { MailOrder } from './mail-order.ts';
import { isEvidence, type Restorable, restorables } from './restorable.ts';

const maxNames = 4;

/**
 * What the mail begins with. When all is well: that it is. Else: what is restorable until when, and who must do what.
 * Untrusted names are made harmless, for text; for HTML it is escaped by the template.
 */
export function firstSentence(order: MailOrder): string {
  const { journal } = order;
  if (journal.restore) return sentence(journal.verdict.sentence);
  if (journal.verdict.verdict === 'pass') return `All is well: ${ofAll(order)}, ${timeOf(journal)}.`;
  return `${known(order)}; ${duty(order)}.`;
}

function ofAll({ journal, earlier, timeZone }: MailOrder): string {
  const n = journal.services.length;
  const what = n === 1 ? 'the service' : `all ${n} services`;
  const oldest = restorables(journal, earlier)
    .flatMap(({ dataAt }) => (dataAt === null ? [] : [dataAt]))
    .sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  const until = oldest === undefined ? '' : ` with the data until ${moment(oldest, journal, timeZone)}`;
  return `${what} could be restored${until}`;
}

function timeOf({ rto }: Journal): string {
  const objective = duration(rto.objectiveMs);
  return rto.usedMs === null
    ? `and ${objective} are allowed for it`
    : `in ${duration(rto.usedMs)} of the ${objective} that are allowed`;
}

/** The zone stands above and below the sentence. */
const moment = (instant: string, { drill }: Journal, timeZone: string) =>
  localMoment(instant, timeZone, drill.startedAt);

function known(order: MailOrder): string {
  const { journal, earlier } = order;
  const fates = grouped(restorables(journal, earlier), order).join('; ');
  if (journal.verdict.verdict === 'inconclusive')
    return `Not known, for this drill could not look at everything: ${fates}`;
  if (!isEvidence(journal)) return `This drill cannot be believed: ${fates}`;
  const { usedMs, objectiveMs } = journal.rto;
  const isLate = usedMs !== null && usedMs > objectiveMs;
  const how = isLate ? `, but only after ${duration(usedMs)} instead of ${duration(objectiveMs)}` : '';
  return `Not all is well: ${fates}${how}${idleOf(journal)}`;
}

/** Applications that do not work on what came back. */
function idleOf({ checks }: Journal): string {
  const idle = checks.filter(({ check, outcome }) => check === 'application' && outcome === 'fail');
  const names = idle.map(({ service }) => plainLine(service ?? '', 64));
  if (idle.length === 0) return '';
  const who = idle.length > maxNames ? count(idle.length, 'application') : listed(names);
  return `, but ${who} ${idle.length === 1 ? 'does' : 'do'} not work on it`;
}

/** Services that share a fate are told together. */
function grouped(all: readonly Restorable[], order: MailOrder): string[] {
  const groups = Map.groupBy(all, ({ state, dataAt, lostMs }) => JSON.stringify([state, dataAt, lostMs]));
  // What is worst stands first.
  const states: readonly Restorable['state'][] = ['none', 'unknown', 'older', 'newest'];
  return [...groups.values()]
    .flatMap((some) => (some[0] ? [{ some, fate: some[0] }] : []))
    .toSorted((a, b) => states.indexOf(a.fate.state) - states.indexOf(b.fate.state))
    .map(
      ({ some, fate }) =>
        `${namesOf(some, all.length)} ${fateOf(fate, order, some.length > 1 && some.length < all.length)}`,
    );
}

/** `plural`: of the services' names before it. */
function fateOf({ state, dataAt, lostMs }: Restorable, { journal, timeZone }: MailOrder, plural: boolean): string {
  if (state === 'none') return 'cannot be restored to any point that was tried';
  const to = dataAt === null ? null : moment(dataAt, journal, timeZone);
  if (state === 'unknown' && to === null) return `${plural ? 'have' : 'has'} never been proven`;
  if (state === 'unknown') return `${plural ? 'were' : 'was'} last proven to be restorable to ${to}`;
  if (to === null) return 'can be restored, to an instant that is not known';
  if (state === 'newest') return `can be restored to ${to}`;
  return `can be restored to ${to} only${lostMs === null ? '' : `, and ${duration(lostMs)} of data would be lost`}`;
}

function namesOf(some: readonly Restorable[], all: number): string {
  if (some.length === all && all > 1) return `each of the ${all} services`;
  if (some.length > maxNames) return count(some.length, 'service');
  return listed(some.map(({ service }) => plainLine(service, 64)));
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Who must do what; the command to begin with is the first finding's. */
function duty({ journal, responsible }: MailOrder): string {
  const [first] = findingsView(journal).shown.filter((each) => each.outcome !== 'warning');
  const command = first?.next.command;
  const who = plainLine(responsible, 100);
  return command ? `${who} must look into it today, and begin with: ${command}` : `${who} must look into it today`;
}
