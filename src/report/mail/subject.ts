import { shortMoment } from '../../kit/local-time.ts';
import { count, plainLine } from '../../kit/text.ts';
import { formatDuration } from '../../kit/units.ts';
import type { Journal } from '../../model/journal.ts';
import type { MailOrder } from './mail-order.ts';
import { type Restorable, restorables } from './restorable.ts';

const maxChars = 200;

/** `PASS 3m12s of 30m · data to 01:30 · 4/4 services`: what somebody must know who reads nothing else. One line. */
export function subjectOf(order: MailOrder): string {
  const { journal } = order;
  if (journal.restore) return line(`RESTORE ${restoreWords[journal.restore.outcome]} · ${ofRestore(order)}`);
  const all = restorables(journal, order.earlier);
  const parts = [`${journal.verdict.verdict.toUpperCase()} ${usedOf(journal)}`, dataTo(all, order), passedOf(journal)];
  return line(parts.join(' · '));
}

const line = (text: string) => plainLine(text, maxChars);

const restoreWords = {
  restored: 'done',
  differs: 'DIFFERS from its backup',
  'broke-off': 'BROKE OFF',
  untouched: 'not begun',
} as const;

function ofRestore({ journal }: MailOrder): string {
  const services = journal.services.map((each) => plainLine(each.service, 40)).join(', ');
  return `${services} to ${plainLine(journal.restore?.target ?? '', 40)} · ${usedOf(journal)}`;
}

/** `3 m 12 s` → `3m12s`. */
export const tight = (ms: number) => formatDuration(ms).replaceAll(' ', '');

function usedOf({ rto }: Journal): string {
  const objective = tight(rto.objectiveMs);
  return rto.usedMs === null ? `not all back (${objective} allowed)` : `${tight(rto.usedMs)} of ${objective}`;
}

/** To when all services together can be restored; where one is worse off than the others, its name. */
function dataTo(all: readonly Restorable[], { journal, timeZone }: MailOrder): string {
  const lost = all.filter(({ state }) => state === 'none');
  if (lost.length > 0) return `${namesOf(lost)}: NO GOOD BACKUP`;
  const known = all.flatMap(({ service, state, dataAt }) =>
    dataAt === null || state === 'unknown' ? [] : [{ service, state, dataAt }],
  );
  if (known.length === 0 || known.length < all.length) return 'data not known';
  const [worst] = known.toSorted((a, b) => Date.parse(a.dataAt) - Date.parse(b.dataAt));
  if (!worst) return 'data not known';
  const whose = worst.state === 'older' ? `${plainLine(worst.service, 40)} only` : 'data';
  return `${whose} to ${shortMoment(worst.dataAt, timeZone, journal.drill.startedAt)}`;
}

function namesOf(some: readonly Restorable[]): string {
  return some.length > 2 ? count(some.length, 'service') : some.map((each) => plainLine(each.service, 40)).join(', ');
}

function passedOf(journal: Journal): string {
  const all = journal.services.length;
  return `${passedServices(journal)}/${all} ${all === 1 ? 'service' : 'services'}`;
}

/** Services with checks of their own, which all passed. */
function passedServices({ services, checks }: Journal): number {
  return services.filter(({ service }) => {
    const own = checks.filter((each) => each.service === service);
    return own.length > 0 && own.every((each) => each.outcome === 'pass');
  }).length;
}
