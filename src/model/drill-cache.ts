import { z } from 'zod';
import type { IndexedDrill } from './indexed-drill.ts';
import { indexedDrillSchema } from './indexed-drill-schema.ts';

/** What a journal's file looked like when it was read: another one is read anew. */
export interface JournalStamp {
  bytes: number;
  modifiedMs: number;
  /** When anything about the file was changed last: a time of modification can be set back. */
  changedMs: number;
}

/** `none`: a real restore, or a file that is no journal. */
export type CachedDrill = { stamp: JournalStamp } & ({ drill: IndexedDrill } | { none: 'restore' | 'unreadable' });

/** By the name of the drill's folder. */
export type DrillCache = Map<string, CachedDrill>;

/** Another one when what is kept of a drill changes. */
const version = 1;

const stampSchema = z.strictObject({ bytes: z.number(), modifiedMs: z.number(), changedMs: z.number() });

const entrySchema: z.ZodType<CachedDrill> = z.union([
  z.strictObject({ stamp: stampSchema, drill: indexedDrillSchema }),
  z.strictObject({ stamp: stampSchema, none: z.enum(['restore', 'unreadable']) }),
]);

const cacheSchema = z.strictObject({
  format: z.literal('firedrill-drills'),
  version: z.literal(version),
  drills: z.record(z.string(), z.unknown()),
});

/** What of a text is a cache of this version; what is not is missing, and is made again. */
export function parseDrillCache(text: string): DrillCache {
  const cache = cacheSchema.safeParse(parsed(text));
  const entries = Object.entries(cache.data?.drills ?? {}).flatMap(([folder, value]): [string, CachedDrill][] => {
    const entry = entrySchema.safeParse(value);
    return entry.success ? [[folder, entry.data]] : [];
  });
  return new Map(entries);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function drillCacheText(cache: DrillCache): string {
  return `${JSON.stringify({ format: 'firedrill-drills', version, drills: Object.fromEntries(cache) })}\n`;
}

export function isSameStamp(a: JournalStamp, b: JournalStamp): boolean {
  return a.bytes === b.bytes && a.modifiedMs === b.modifiedMs && a.changedMs === b.changedMs;
}
