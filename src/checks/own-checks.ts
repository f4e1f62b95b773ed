import { count, plainLine } from '../kit/text.ts';
import { type CheckResult, Look } from '../model/check.ts';
import { type Answer, type Expectation, maxAnswerRows, type Scalar } from '../model/own-check.ts';

/** One of the user's own checks, and what came back; `refusal`: why there is no answer, in words. */
export interface AskedCheck {
  name: string;
  expectation: Expectation;
  answer: Answer | { refusal: string };
}

/** Do the answers meet their expectations? One that was refused, or did not come in time, meets none. */
export function checkOwn(service: string, expected: number, asked: readonly AskedCheck[]): CheckResult {
  const look = new Look('own-checks', service, 'own checks', expected);
  for (const { name, expectation, answer } of asked) {
    look.sawOne();
    const what = `${service}: own check “${plainLine(name, 100)}”`;
    if ('refusal' in answer) {
      look.compare(name, 'an answer', 'none');
      look.fail({ sentence: `${what} got no answer: ${answer.refusal}`, expected: 'an answer', found: 'none', next });
      continue;
    }
    for (const { expected: wanted, found, holds } of judged(expectation, answer)) {
      look.compare(name, wanted, found);
      if (!holds) look.fail({ sentence: `${what} does not hold`, expected: wanted, found, next });
    }
  }
  return look.result();
}

const next = 'Look at the data, or at checks of this service in the configuration, then run: firedrill drill';

export interface Judged {
  expected: string;
  found: string;
  holds: boolean;
}

/** Each expectation beside what was found. */
export function* judged({ equals, min, max, rows, contains }: Expectation, answer: Answer): Generator<Judged> {
  const { first, text } = answer;
  const found = sayValue(first);
  if (equals !== undefined) yield { expected: String(equals), found, holds: isEqual(first, equals) };
  if (min !== undefined) yield { expected: `at least ${min}`, found, holds: numberOf(first) >= min };
  if (max !== undefined) yield { expected: `at most ${max}`, found, holds: numberOf(first) <= max };
  if (rows !== undefined) yield { expected: count(rows, 'row'), found: sayRows(answer), holds: answer.rows === rows };
  if (contains !== undefined) {
    const holds = text.includes(contains);
    const expected = `contains ${contains}`;
    yield { expected, found: holds ? expected : text === '' ? 'an empty answer' : plainLine(text, 200), holds };
  }
}

/** NaN, of which no comparison holds, for what is no number. */
function numberOf(value: Scalar | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/** Servers write `5.00` for 5, and 1 for true. */
function isEqual(found: Scalar | undefined, wanted: string | number | boolean): boolean {
  if (typeof wanted === 'number') return numberOf(found) === wanted;
  if (typeof wanted === 'boolean') return [String(wanted), wanted ? '1' : '0'].includes(String(found));
  return found !== undefined && found !== null && String(found) === wanted;
}

function sayValue(value: Scalar | undefined): string {
  if (value === undefined) return 'no value';
  return value === null ? 'NULL' : plainLine(String(value), 200);
}

function sayRows({ rows }: Answer): string {
  if (rows === null) return 'no rows to count';
  return rows > maxAnswerRows ? `more than ${count(maxAnswerRows, 'row')}` : count(rows, 'row');
}
