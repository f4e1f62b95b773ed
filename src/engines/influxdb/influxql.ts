/** From the first to the last instant that a point can have. Without bounds the server looks from 1970, or to now. */
export const allTime = 'time >= -9223372036854775806 AND time <= 9223372036854775806';

/** A database, policy, measurement, field or user as an identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** `"policy"."measurement"`. */
export function fromClause(policy: string, measurement: string): string {
  return `${identifier(policy)}.${identifier(measurement)}`;
}
