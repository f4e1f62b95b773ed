import type { FoundStatement } from '../flow/find-statements.ts';
import { count, plainLine } from '../kit/text.ts';
import type { StatementsFound } from './find-statement.ts';
import { table } from './output.ts';

const heading = ['INSTANT', 'KIND', 'ROWS', 'WHAT', 'MEMBER', 'NAME'];
/** Below this much a statement says nothing any more. */
const leastWhat = 24;

/** For the terminal; `columns` is its width. The last line tells what to type next. */
export function findStatementLines(found: StatementsFound, columns: number): string[] {
  const { service, from, to, minRows, statements, leftOut, next } = found;
  if (statements.length === 0) {
    const least = `no DROP, no TRUNCATE, and no DELETE of ${count(minRows, 'row')} or more`;
    return [`${service}: nothing was found from ${from} to ${to}: ${least}`];
  }
  const others = table([heading, ...statements.map((each) => columnsOf(each, 0))]).split('\n');
  const room = Math.max(columns - Math.max(...others.map((line) => line.length)) + 'WHAT'.length, leastWhat);
  const lines = table([heading, ...statements.map((each) => columnsOf(each, room))]).split('\n');
  const older = leftOut === 0 ? [] : [`${count(leftOut, 'older one')} not shown: set --to earlier`];
  return [...lines, ...older, nextLine(next)];
}

function nextLine(next: string | null): string {
  return next === null
    ? 'next: none of these changes has a name; restore to an instant before one: firedrill drill --at <instant>'
    : `next: ${next}`;
}

function columnsOf({ at, kind, rows, what, member, name }: FoundStatement, room: number): string[] {
  const words = room === 0 ? '' : plainLine(what.replaceAll(/\s+/g, ' ').trim(), room);
  return [at, kind, rows === null ? '' : rows.toLocaleString('en-US'), words, member, name ?? ''];
}
