import { createHash } from 'node:crypto';
import { type AskedCheck, judged } from '../../checks/own-checks.ts';
import type { Asker } from '../../engines/questions.ts';
import { type FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { AskedRecord } from '../../model/gameday-journal.ts';
import type { Answer } from '../../model/own-check.ts';
import type { ScenarioCheck } from '../../model/scenario.ts';
import { askOne } from '../ask-own-checks.ts';

/** Of an answer so much is shown; more is told apart by its digest. */
const shownCharacters = 200;

/** A machine that is gone or a server that is down is what a disaster looks like: a refusal. */
const isOfTheWorld = (error: FiredrillError) =>
  isFiredrillError(error, 'INTERRUPTED', 'DOCKER_UNAVAILABLE', 'INTERNAL');

/**
 * Asks one live service its checks, one after the other. What is refused, or not answered in time, does not hold; nothing is
 * thrown but an order to stop, and what is about Docker itself.
 * @param before the answers of the same checks right before the disaster
 */
export async function askLive(
  checks: readonly ScenarioCheck[],
  asker: Asker,
  before: readonly AskedRecord[] | undefined,
  signal: AbortSignal,
): Promise<AskedRecord[]> {
  const records: AskedRecord[] = [];
  for (const check of checks) {
    const asked = await askOne(check, asker, signal, isOfTheWorld);
    const then = before?.find(({ service, name }) => service === check.service && name === check.name);
    records.push({ service: check.service, name: check.name, ...recordOf(asked, check, then) });
  }
  return records;
}

type Found = Pick<AskedRecord, 'holds' | 'expected' | 'found'>;

function recordOf({ answer, expectation }: AskedCheck, { asBefore }: ScenarioCheck, then?: AskedRecord): Found {
  if ('refusal' in answer) return { holds: false, expected: 'an answer', found: `no answer: ${answer.refusal}` };
  const whole = sayAnswer(answer);
  const results = [...judged(expectation, answer)];
  if (asBefore) results.push(comparedWith(then, whole));
  const wrong = results.find(({ holds }) => !holds);
  const expected = results.map((each) => each.expected).join('; ');
  // All that was found, where a later answer will be compared with it.
  const found = asBefore ? whole : (wrong ?? results[0])?.found;
  return { holds: wrong === undefined, expected, found: found ?? whole };
}

/** Before the disaster there is nothing to compare with: any answer will do. */
function comparedWith(then: AskedRecord | undefined, found: string) {
  if (!then) return { expected: 'an answer to be kept', found, holds: true };
  return { expected: `as before: ${then.found}`, found, holds: then.found === found };
}

/** Two answers that differ are never said alike. */
function sayAnswer({ text }: Answer): string {
  if (text === '') return 'an empty answer';
  const line = plainLine(text, shownCharacters);
  if (line === text) return line;
  return `${line} (SHA-256 ${createHash('sha256').update(text).digest('hex').slice(0, 16)})`;
}
