import { formatBytes, formatDuration } from '../../kit/units.ts';
import type { MemberKind } from '../../model/manifest.ts';
import type { MeasuredMember } from '../../model/past-members.ts';
import type { Tolerance } from './norm.ts';

/** One thing by which a member is compared with others. */
export interface Aspect {
  /** As a sentence goes on: `full-… stored 12 MiB`. */
  verb: string;
  /** undefined: it cannot be told of this member. */
  of(member: MeasuredMember): number | undefined;
  /** Who has one norm: all fulls, or all increments, by themselves; all together; or fulls, and increments have none. */
  among: 'each kind' | 'all' | 'fulls';
  tolerance: Record<MemberKind, Tolerance>;
  /** Which way is worth a word; absent: both. */
  only?: 'low' | 'high';
  /** Which way is worth a word when it goes on for a month, a little each day. */
  creeps?: 'low' | 'high';
  say(value: number, member: MeasuredMember): string;
}

const kib = 1024;
const both = (tolerance: Tolerance) => ({ full: tolerance, incremental: tolerance });
const rounded = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

export const aspects: readonly Aspect[] = [
  {
    verb: 'stored',
    of: ({ bytes }) => bytes,
    among: 'each kind',
    // A quiet night and a busy one differ by much, and so do an hour and a night.
    tolerance: { full: { least: 64 * kib, factor: 1.25 }, incremental: { least: 256 * kib, factor: 2 } },
    say: formatBytes,
  },
  {
    verb: 'held',
    of: ({ measures: { holds } }) => holds?.count,
    among: 'all',
    tolerance: both({ least: 10, factor: 1.15 }),
    creeps: 'low',
    say: (value, { measures: { holds } }) => `${value.toLocaleString('en-US')} ${holds?.unit ?? ''}`,
  },
  {
    verb: 'compressed by a factor of',
    of: ({ measures: { packed } }) => (packed.contentBytes < 64 * kib ? undefined : factorOf(packed)),
    // What an increment holds differs from day to day: pictures today, texts tomorrow.
    among: 'fulls',
    tolerance: both({ least: 1, factor: 1.15 }),
    creeps: 'low',
    say: rounded,
  },
  {
    verb: 'held, in percent, what hardly compresses:',
    of: ({ measures: { packed, denseBytes } }) =>
      packed.contentBytes < 64 * kib ? undefined : (100 * denseBytes) / packed.contentBytes,
    among: 'fulls',
    tolerance: both({ least: 5, factor: 1.25 }),
    only: 'high',
    say: rounded,
  },
  {
    verb: 'stored, for each thousand of what it held,',
    // Where the engine itself compresses, this alone tells of data that cannot be compressed any more.
    of: ({ bytes, measures: { packed, holds } }) =>
      packed.contentBytes > bytes / 2 || !holds || holds.count < 1_000 ? undefined : (1_000 * bytes) / holds.count,
    among: 'fulls',
    tolerance: both({ least: kib, factor: 1.25 }),
    creeps: 'high',
    say: (value) => formatBytes(Math.round(value)),
  },
  {
    verb: 'took',
    of: ({ startedAt, finishedAt }) => Math.max(Date.parse(finishedAt) - Date.parse(startedAt), 0),
    among: 'each kind',
    tolerance: both({ least: 60_000, factor: 1.5 }),
    only: 'high',
    say: formatDuration,
  },
];

const factorOf = ({ contentBytes, storedBytes }: { contentBytes: number; storedBytes: number }) =>
  contentBytes / Math.max(storedBytes, 1);
