import { didYouMean } from '../../../kit/did-you-mean.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import { nameBeside } from '../../../model/beside.ts';
import type { Facts } from '../facts.ts';

/** The server makes folders of names: 255 bytes are the limit there, and a character has four at most. */
const maxNameChars = 60;

/**
 * What stands at the target after some measurements were put into a database beside the live one: their points in all retention
 * policies, none of which ends, so that old points stay. No continuous query, which could write into the live data, and no grants.
 */
export function besideFacts(facts: Facts, parts: readonly string[], stamp: string): Facts {
  assertHeld(facts, parts);
  const isChosen = ({ name }: { name: string }) => parts.includes(name);
  return {
    ...facts,
    database: nameBeside(facts.database, stamp, maxNameChars),
    policies: facts.policies.map((policy) => ({ ...policy, duration: unlimited })),
    continuousQueries: [],
    users: [],
    shards: facts.shards.filter(({ measurements }) => measurements.some(isChosen)),
    measurements: facts.measurements.filter(isChosen),
  };
}

/** As the server writes it. */
const unlimited = '0s';

/** USAGE where the backup holds no point of one of them. */
export function assertHeld({ measurements }: Facts, parts: readonly string[]): void {
  const known = [...new Set(measurements.map(({ name }) => name))].sort();
  for (const part of parts) {
    if (known.includes(part)) continue;
    const meant = didYouMean(part, known);
    const perhaps = meant === undefined ? '' : `; did you mean ${plainLine(meant, 80)}?`;
    const sentence = `there is no measurement ${plainLine(part, 80)} at that point of the backup${perhaps}`;
    const shown = known.slice(0, 30).map((name) => plainLine(name, 80));
    throw new FiredrillError('USAGE', sentence, { hint: `Measurements are: ${shown.join(', ')}` });
  }
}
