/** An expression of cron(5) without names: what it allows, field by field. */
export interface Cron {
  minutes: readonly number[];
  hours: readonly number[];
  /** Of the month, from 1. */
  days: readonly number[];
  /** From 1. */
  months: readonly number[];
  /** 0 is Sunday. */
  weekdays: readonly number[];
  /** As in cron(5): when neither days nor weekdays begin with `*`, one of both is enough. */
  eitherDay: boolean;
}

const ranges = [
  ['minute', 0, 59],
  ['hour', 0, 23],
  ['day', 1, 31],
  ['month', 1, 12],
  ['weekday', 0, 7],
] as const;

/** Longest first: February has 29 days in some years. */
const daysIn = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `30 1 * * 0`: minute, hour, day, month, weekday (0 and 7 are Sunday); undefined when it is no such text, or never happens. */
export function parseCron(text: string): Cron | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== ranges.length) return undefined;
  const parsed = fields.map((field, i) => parseField(field, ranges[i]?.[1] ?? 0, ranges[i]?.[2] ?? 0));
  const [minutes, hours, days, months, someWeekdays] = parsed;
  if (!minutes || !hours || !days || !months || !someWeekdays) return undefined;
  const weekdays = [...new Set(someWeekdays.map((day) => day % 7))].sort();
  const eitherDay = !fields[2]?.startsWith('*') && !fields[4]?.startsWith('*');
  const happens = eitherDay || months.some((month) => days.some((day) => day <= (daysIn[month - 1] ?? 0)));
  return happens ? { minutes, hours, days, months, weekdays, eitherDay } : undefined;
}

function parseField(field: string, first: number, last: number): number[] | undefined {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [, from, to, step] = /^(\*|\d{1,2})(?:-(\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    if (from === undefined || (from === '*' && to !== undefined)) return undefined;
    const low = from === '*' ? first : Number(from);
    // `5/10` is `5-59/10`, as in most crons.
    const high = to === undefined ? (from === '*' || step !== undefined ? last : low) : Number(to);
    const by = step === undefined ? 1 : Number(step);
    if (low < first || high > last || low > high || by < 1) return undefined;
    for (let value = low; value <= high; value += by) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

/** Whether it happens on a date, which is given as its UTC midnight. */
export function happensOn({ days, months, weekdays, eitherDay }: Cron, date: Date): boolean {
  const isDay = days.includes(date.getUTCDate());
  const isWeekday = weekdays.includes(date.getUTCDay());
  return months.includes(date.getUTCMonth() + 1) && (eitherDay ? isDay || isWeekday : isDay && isWeekday);
}
