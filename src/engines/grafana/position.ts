import { z } from 'zod';
import type { Json } from '../../kit/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { BlockList } from './pages/blocks.ts';
import { blockHashBytes, blocksIn, isPowerOfTwo } from './pages/delta-format.ts';

const file = z.strictObject({ bytes: z.int().min(512), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const size = z.int().min(512).refine(isPowerOfTwo);

/** What a later delta is compared with: the base is not at hand when an increment is made. */
const fullPosition = z
  .strictObject({ version: z.literal(1), base: file, pageBytes: size, blockBytes: size, blockHashes: z.base64() })
  .transform(({ base, blockHashes, pageBytes, blockBytes }): BlockList => {
    return { ...base, pageBytes, blockBytes, hashes: Buffer.from(blockHashes, 'base64') };
  })
  .refine(({ hashes, bytes, blockBytes }) => hashes.length === blocksIn(bytes, blockBytes) * blockHashBytes);

const anyPosition = z.object({ version: z.literal(1), base: file });

export function positionOfFull({ bytes, sha256, pageBytes, blockBytes, hashes }: BlockList): Json {
  return { version: 1, base: { bytes, sha256 }, pageBytes, blockBytes, blockHashes: hashes.toString('base64') };
}

export function positionOfIncrement(base: BlockList, result: BlockList, changed: number): Json {
  const { bytes, sha256 } = base;
  return { version: 1, base: { bytes, sha256 }, result: { bytes: result.bytes, sha256: result.sha256 }, changed };
}

/** The blocks of a full; undefined when its manifest does not say them. */
export function blocksOf({ position }: Manifest): BlockList | undefined {
  return fullPosition.safeParse(position).data;
}

/** Members of one chain are made on the same database, that of its full. */
export function baseDiscontinuity(before: Manifest, next: Manifest): string | undefined {
  const [there, here] = [before, next].map(({ position }) => anyPosition.safeParse(position).data?.base.sha256);
  if (here === undefined) return 'it does not say on which database it was made';
  if (here === there) return undefined;
  return `it was made on the database ${here.slice(0, 12)}…, not on ${there ? `${there.slice(0, 12)}…` : 'one that is known'}`;
}
