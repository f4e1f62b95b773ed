import { plainLine } from '../../../src/kit/text.ts';
import type { Row } from './contest.ts';
import type { Measurement } from './measurement.ts';
import type { Spread } from './spread.ts';

const begin = '<!-- written by npm run bench -- --write: never by hand -->';
const end = '<!-- end of what npm run bench has written -->';

/** What was measured, for the README and the terminal. */
export function benchTable(measurements: readonly Measurement[]): string {
  const rows = measurements.flatMap(({ title, rounds, backup, restore }) => [
    ...section(`${title}: restore`, restore, rounds),
    ...section(`${title}: backup`, backup, rounds),
  ]);
  return [
    '| what | by | seconds: median (from–to) | of them the start of an empty server | firedrill is so many times as fast |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function section(title: string, rows: readonly Row[], rounds: number): string[] {
  return rows.map(({ title: by, seconds, boot, timesAsFast, problem }, i) => {
    const what = i === 0 ? `${title} (${rounds === 1 ? 'one round' : `${rounds} rounds`})` : '';
    const took = seconds === null ? cell(problem ?? 'not measured') : spreadText(seconds);
    const start = boot === null ? '' : sayNumber(boot.median);
    return `| ${what} | ${by} | ${took} | ${start} | ${timesAsFast === null ? '' : spreadText(timesAsFast)} |`;
  });
}

const spreadText = ({ median, min, max }: Spread) => `${sayNumber(median)} (${sayNumber(min)}–${sayNumber(max)})`;

/** Three digits that count, and no more decimals than one: two below 1. */
const sayNumber = (value: number) => (value < 1 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0));

/** What a tool has said may mean something in a table. */
const cell = (text: string) => plainLine(text, 160).replaceAll(/[\\|<>`*_[\]]/g, (char) => `\\${char}`);

/** A text with the table in the place of the one between the marks; it has to have them. */
export function withBenchTable(text: string, measurements: readonly Measurement[]): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`there is no place for the table: ${begin}`);
  return `${text.slice(0, from)}${begin}\n${benchTable(measurements)}\n${text.slice(to)}`;
}

/** What was measured before stays, but for what was measured again. */
export function merged(before: readonly Measurement[], now: readonly Measurement[]): Measurement[] {
  const fresh = new Map(now.map((each) => [each.title, each]));
  const kept = before.map((each) => fresh.get(each.title) ?? each);
  return [...kept, ...now.filter(({ title }) => !before.some((each) => each.title === title))];
}
