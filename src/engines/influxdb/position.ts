import { z } from 'zod';
import { FiredrillError } from '../../kit/errors.ts';
import type { Manifest } from '../../model/manifest.ts';

const position = z.strictObject({
  /** All shards that the server had. */
  shards: z.array(z.strictObject({ id: z.int(), policy: z.string(), start: z.string() })),
  /** Those whose archives are in this member. */
  stored: z.array(z.int()),
});

/** Ids of the shards whose archives a member holds; MANIFEST_INVALID when its position makes no sense. */
export function storedIn(manifest: Manifest): number[] {
  return positionOf(manifest).stored;
}

function positionOf({ id, position: value }: Manifest) {
  const parsed = position.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FiredrillError('MANIFEST_INVALID', `the position in the manifest of ${id} is not as expected`);
}

/** A shard keeps its policy and its first instant: where it has not, the two members come from different servers. */
export function shardDiscontinuity(before: Manifest, next: Manifest): string | undefined {
  try {
    const known = new Map(positionOf(before).shards.map((shard) => [shard.id, shard]));
    const { shards, stored } = positionOf(next);
    const changed = shards.find(({ id, policy, start }) => {
      const was = known.get(id);
      return was ? was.policy !== policy || was.start !== start : !stored.includes(id);
    });
    if (!changed) return undefined;
    const was = known.get(changed.id);
    return was ? `shard ${changed.id} is another one than before` : `it lacks shard ${changed.id}, which came new`;
  } catch (error) {
    if (error instanceof FiredrillError) return error.message;
    throw error;
  }
}
