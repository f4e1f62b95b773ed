import type { ArtifactEntry, Manifest } from './manifest.ts';

/** How much a service holds, as its engine counts it. */
export interface Held {
  count: number;
  /** In the plural: `rows`, `values`, `dashboards`. */
  unit: string;
}

/** What a manifest says of one member's sizes: later drills compare with it, to tell what is unusual. */
export interface MemberMeasures {
  /** Decoded, of all artifacts. */
  contentBytes: number;
  /** Of the artifacts that firedrill has compressed: decoded, and as stored. */
  packed: { contentBytes: number; storedBytes: number };
  /** Decoded, of those of them that became not much smaller: pictures, archives, encrypted data. */
  denseBytes: number;
  /** At the member's own instant, not only what is stored in it; null where it is not known. */
  holds: Held | null;
}

/** Random bytes in hexadecimal, as a dump holds binary columns, still become half as small; texts and numbers more. */
const denseShare = 0.45;

export function measuresOf(artifacts: readonly ArtifactEntry[], holds: Held | null): MemberMeasures {
  const packed = artifacts.filter(({ encoding }) => encoding !== 'none');
  const dense = packed.filter(({ bytes, contentBytes }) => bytes > denseShare * contentBytes && contentBytes >= 4096);
  return {
    contentBytes: sum(artifacts, 'contentBytes'),
    packed: { contentBytes: sum(packed, 'contentBytes'), storedBytes: sum(packed, 'bytes') },
    denseBytes: sum(dense, 'contentBytes'),
    holds,
  };
}

function sum(artifacts: readonly ArtifactEntry[], what: 'bytes' | 'contentBytes'): number {
  return artifacts.reduce((total, entry) => total + entry[what], 0);
}

/** The objects of a list in a manifest's facts, unjudged; undefined where there is no such list. */
export function factsList({ facts }: Manifest, key: string): readonly Record<string, unknown>[] | undefined {
  const list = (facts as Record<string, unknown> | null)?.[key];
  return Array.isArray(list) ? list.filter((each) => typeof each === 'object' && each !== null) : undefined;
}

/** The sum of what should be counts; null when there are none to sum, or something else is among them. */
export function heldOf(counts: readonly unknown[] | undefined, unit: string): Held | null {
  const count = counts?.reduce<number>((total, each) => total + (typeof each === 'number' ? each : Number.NaN), 0);
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? { count, unit } : null;
}
