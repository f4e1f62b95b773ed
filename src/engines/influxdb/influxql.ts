import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';

/** The first and the last instant that a point can have, in ns since 1970. */
export const firstNs = -9223372036854775806n;
export const lastNs = 9223372036854775806n;

/** Without bounds the server looks from 1970, or to now. */
export const allTime = `time >= ${firstNs} AND time <= ${lastNs}`;

/** The server reads a carriage return as the end of the line, within quotes as well. */
export const canBeNamed = (name: string) => !name.includes('\r');

/** A database, policy, measurement, field or user as an identifier. SOURCE_UNSUITABLE for what InfluxQL has no way to name. */
export function identifier(name: string): string {
  if (!canBeNamed(name)) {
    const sentence = `no query can name ${plainLine(name, 200)}: its name holds a carriage return`;
    throw new FiredrillError('SOURCE_UNSUITABLE', sentence, {
      hint: 'Drop it at the source, or write it under another name.',
    });
  }
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** `"policy"."measurement"`. */
export function fromClause(policy: string, measurement: string): string {
  return `${identifier(policy)}.${identifier(measurement)}`;
}
