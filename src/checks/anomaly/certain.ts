import { formatBytes } from '../../kit/units.ts';
import type { MeasuredMember } from '../../model/past-members.ts';
import { medianOf } from './norm.ts';
import { isEnough } from './past.ts';

/** Below it, a service may well be empty one day. */
const fewHeld = 10;
const leastPlainBytes = 1024 ** 2;

export interface Certain {
  sentence: string;
  expected: string;
  found: string;
}

/**
 * What no honest day does: nothing is held where each verified member held something; or, in a full, the data is still there
 * and nothing of it can be compressed any more, as if it were encrypted. (A purge leaves something; a load of pictures leaves
 * the rest as it was.)
 */
export function certainly(member: MeasuredMember, past: readonly MeasuredMember[]): Certain[] {
  return [emptied(member, past), encrypted(member, past)].filter((each) => each !== undefined);
}

function emptied({ id, measures: { holds } }: MeasuredMember, past: readonly MeasuredMember[]): Certain | undefined {
  const counts = past.map(({ measures }) => measures.holds?.count ?? 0);
  if (holds?.count !== 0 || !isEnough(past, 'all') || counts.some((count) => count < fewHeld)) return undefined;
  const least = `${Math.min(...counts).toLocaleString('en-US')} ${holds.unit}`;
  const sentence = `${id} holds nothing at all, and each of the ${past.length} verified backups before it held at least ${least}`;
  return { sentence, expected: `at least ${least}`, found: `0 ${holds.unit}` };
}

function encrypted({ id, kind, measures }: MeasuredMember, past: readonly MeasuredMember[]): Certain | undefined {
  const fulls = past.filter((each) => each.kind === 'full').map((each) => each.measures);
  if (kind !== 'full' || !isEnough(past, 'full')) return undefined;
  const plainest = Math.min(...fulls.map(plainBytesOf));
  const usualBytes = medianOf(fulls.map(({ packed }) => packed.contentBytes));
  const werePlain =
    plainest >= leastPlainBytes && fulls.every((each) => 2 * plainBytesOf(each) >= each.packed.contentBytes);
  const isPlain = plainBytesOf(measures) >= plainest / 20;
  if (!werePlain || isPlain || measures.denseBytes < usualBytes / 2) return undefined;
  const [was, is] = [formatBytes(plainest), formatBytes(plainBytesOf(measures))];
  const sentence = `hardly anything in ${id} can be compressed any more, as if it were encrypted: ${is}, and at least ${was} in each of the ${fulls.length} verified fulls before it`;
  return { sentence, expected: `at least ${was}`, found: is };
}

/** What compression makes clearly smaller. */
const plainBytesOf = ({ packed, denseBytes }: MeasuredMember['measures']) => packed.contentBytes - denseBytes;
