/** Instants as the people of one place read them; the zone is an IANA name, and its clock changes are minded. */

function partsOf(instant: string, timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hourCycle: 'h23', weekday: 'short' },
    ...{ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
  });
  const parts = format.formatToParts(new Date(instant));
  return (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? '';
}

/** By zone: making one takes a hundred times as long as using it. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-22`: the date there. Dates of one zone can be compared as text. */
export function localDate(instant: string, timeZone: string): string {
  const known = dateFormats.get(timeZone);
  const format =
    known ?? new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  if (!known) dateFormats.set(timeZone, format);
  return format.format(new Date(instant));
}

/** `01:30`. */
export function localClock(instant: string, timeZone: string): string {
  const part = partsOf(instant, timeZone);
  return `${part('hour')}:${part('minute')}`;
}

/** `Sun 22 Nov, 01:30`; of another year than `seenFrom` with the year. */
export function localMoment(instant: string, timeZone: string, seenFrom: string): string {
  return `${localDay(localDate(instant, timeZone), localDate(seenFrom, timeZone))}, ${localClock(instant, timeZone)}`;
}

/** `01:30` for an instant of the same day as `seenFrom`, else `21 Nov 23:30`: where there is little room. */
export function shortMoment(instant: string, timeZone: string, seenFrom: string): string {
  const clock = localClock(instant, timeZone);
  if (localDate(instant, timeZone) === localDate(seenFrom, timeZone)) return clock;
  const part = partsOf(instant, timeZone);
  return `${part('day')} ${part('month')} ${clock}`;
}

/** A date such as `2026-11-22` as `Sun 22 Nov`, with the year where that is not `seenFrom`'s. */
export function localDay(date: string, seenFrom: string): string {
  const part = partsOf(`${date}T12:00:00Z`, 'UTC');
  const year = date.slice(0, 4) === seenFrom.slice(0, 4) ? '' : ` ${date.slice(0, 4)}`;
  return `${part('weekday')} ${part('day')} ${part('month')}${year}`;
}

/** So many days after a date; before it, when negative. */
export function dateAfter(date: string, days: number): string {
  const at = new Date(`${date}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}
