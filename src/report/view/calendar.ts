import { dateAfter } from '../../kit/local-time.ts';
import { count } from '../../kit/text.ts';
import type { VerdictWord } from '../../model/journal.ts';
import { duration } from './duration.ts';

/** One drill on a calendar. */
export interface CalendarDrill {
  /** `2026-11-22`: the date of its start where the people are. */
  date: string;
  verdict: VerdictWord;
  rto: { objectiveMs: number; usedMs: number | null };
  /** Of its report; empty where there is none. */
  href: string;
}

export interface CalendarDay {
  /** Of the month, `22`; empty in a cell before the first or after the last. */
  day: string;
  /** Colour: `pass1` to `pass3` by the share of the restore time that was used, `fail`, `inconclusive`, `none`, `blank`. */
  kind: string;
  sign: string;
  /** For those who see no colour, and whoever points at it. */
  words: string;
  href: string;
}

export interface CalendarMonth {
  /** `November 2026`. */
  name: string;
  id: string;
  weeks: CalendarDay[][];
}

const months = 12;
const signs: Record<VerdictWord, string> = { pass: '✓', fail: '✕', inconclusive: '?' };
const worstFirst: readonly VerdictWord[] = ['fail', 'inconclusive', 'pass'];
const blank: CalendarDay = { day: '', kind: 'blank', sign: '', words: '', href: '' };

/** The month of `today` and the eleven before it, weeks from Monday to Sunday. Of several drills on a day the worst is shown. */
export function calendarView(drills: readonly CalendarDrill[], today: string) {
  const byDate = Map.groupBy(drills, (each) => each.date);
  const first = Array.from({ length: months }, (_, i) => monthBefore(today, months - 1 - i));
  const shown = first.map((date) => monthView(date, today, byDate));
  const from = first[0] ?? today;
  const inRange = drills.filter(({ date }) => date >= from && date <= today);
  return { months: shown, summary: summaryWords(inRange) };
}

/** The first of the month that many months before a date's. */
function monthBefore(date: string, n: number): string {
  const at = new Date(`${date.slice(0, 7)}-01T12:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() - n);
  return at.toISOString().slice(0, 10);
}

function monthView(first: string, today: string, byDate: ReadonlyMap<string, CalendarDrill[]>): CalendarMonth {
  const at = new Date(`${first}T12:00:00Z`);
  const name = at.toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const before = (at.getUTCDay() + 6) % 7;
  const dates: string[] = [];
  for (let date = first; date.startsWith(first.slice(0, 7)); date = dateAfter(date, 1)) dates.push(date);
  const cells = [
    ...Array.from({ length: before }, () => blank),
    ...dates.map((date) => dayView(date, today, byDate.get(date) ?? [])),
  ];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, i) => cells.slice(7 * i, 7 * i + 7));
  weeks.at(-1)?.push(...Array.from({ length: 7 - (weeks.at(-1)?.length ?? 7) }, () => blank));
  return { name, id: first.slice(0, 7), weeks };
}

function dayView(date: string, today: string, drills: readonly CalendarDrill[]): CalendarDay {
  const day = `${Number(date.slice(8))}`;
  if (date > today) return { ...blank, day, kind: 'ahead' };
  const verdict = worstFirst.find((word) => drills.some((each) => each.verdict === word));
  const drill = drills.find((each) => each.verdict === verdict);
  if (!drill || !verdict) return { ...blank, day, kind: 'none', words: 'no drill' };
  const { usedMs, objectiveMs } = drill.rto;
  const time = usedMs === null ? '' : `, ${duration(usedMs)} of ${duration(objectiveMs)}`;
  const more = drills.length > 1 ? `, the worst of ${drills.length}` : '';
  const kind = verdict === 'pass' ? `pass${levelOf(usedMs, objectiveMs)}` : verdict;
  return { day, kind, sign: signs[verdict], words: `${verdict}${time}${more}`, href: drill.href };
}

/** How much of what is allowed was used: up to a half, up to 80 %, more. */
function levelOf(usedMs: number | null, objectiveMs: number): number {
  const share = (usedMs ?? 0) / Math.max(objectiveMs, 1);
  return share <= 0.5 ? 1 : share <= 0.8 ? 2 : 3;
}

function summaryWords(drills: readonly CalendarDrill[]): string {
  const n = (word: VerdictWord) => drills.filter((each) => each.verdict === word).length;
  const days = new Set(drills.map((each) => each.date)).size;
  if (drills.length === 0) return 'No drill in these twelve months.';
  const verdicts = `${n('pass')} passed, ${n('fail')} failed, ${n('inconclusive')} inconclusive`;
  return `${count(drills.length, 'drill')} on ${count(days, 'day')} in these twelve months: ${verdicts}.`;
}
