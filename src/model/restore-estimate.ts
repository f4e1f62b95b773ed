import type { Journal, ServiceRecord } from './journal.ts';
import { trendOf } from './trend.ts';

/**
 * How long a restore will take, by what earlier drills took and how many bytes are to be restored. Pure. (On which day a restore
 * that grows will cross what is allowed is `forecast.ts`.)
 */

/** Milliseconds: as expected, and between what bounds. `lowMs` ≤ `ms` ≤ `highMs`. */
export interface TimeRange {
  ms: number;
  lowMs: number;
  highMs: number;
}

/** `open`: planning and opening manifests. `boot`: the pod. `restore`: fetching, verifying, decrypting, loading, until ready. */
export const estimatedParts = ['open', 'boot', 'restore'] as const;
export type EstimatedPart = (typeof estimatedParts)[number];

/** What one service took in one drill in which it came back. */
export interface PastRestore {
  service: string;
  /** As stored, of all that was restored. */
  bytes: number;
  /** Milliseconds. */
  took: Record<EstimatedPart, number>;
}

/** What is kept of an earlier drill. */
export interface TimedDrill {
  vault: string;
  /** Those that were restored side by side. */
  services: string[];
  restores: PastRestore[];
  /** What was estimated before it, and what it took; null where that is not known. */
  estimatedMs: number | null;
  usedMs: number | null;
}

/** Which earlier drills are gone by: of the same services together, of others too, or from another vault. */
export const estimateBases = ['same', 'other-services', 'other-vault'] as const;
export type EstimateBasis = (typeof estimateBases)[number];

export interface ServiceEstimate {
  service: string;
  members: number;
  /** As stored. */
  bytes: number;
  /** Of its earlier restores that are gone by. */
  drills: number;
  /** null when there is none; then the two below are empty and null. */
  basis: EstimateBasis | null;
  parts: (TimeRange & { part: EstimatedPart })[];
  /** From the order to restore until it is ready. */
  ready: TimeRange | null;
}

export interface RestoreEstimate {
  services: ServiceEstimate[];
  /** Until all services are ready; null while there is a service without an earlier drill. */
  whole: TimeRange | null;
  /** By how much, as a share of what it then took, such estimates were wrong in the mean; null when none was made yet. */
  past: { drills: number; meanError: number } | null;
}

/** What is to be restored of a service. */
export interface PlannedRestoreSize {
  service: string;
  members: number;
  bytes: number;
}

/** Fewer drills than these tell little of how much restores scatter. */
const fewDrills = 3;
/** As many as these, and an odd one on either side is left out of the range. */
const manyDrills = 10;
/**
 * Data outgrows a server's memory, and keys get deeper: MySQL's five times as much took 0.94, 1.24 and 1.27 times what its bytes told (from
 * 2 to 10 GiB, three runs), an exponent of 0.15 at most. Others, or other machines, may be worse.
 */
const outgrowth = 0.25;
/** So many are looked at; all pairs of them are compared. */
const maxDrills = 60;

/** undefined for a real restore, which goes on into a server of its own. */
export function timedDrillOf({ drill, restore, rto, estimate, services, phases }: Journal): TimedDrill | undefined {
  if (restore) return undefined;
  const boot = phases.find(({ service, phase }) => service === null && phase === 'boot');
  const timed = (record: ServiceRecord): PastRestore[] => {
    const { service, readyMs, members } = record;
    if (!boot || readyMs === null || readyMs < boot.endMs || members.length === 0) return [];
    const took = { open: boot.startMs, boot: boot.endMs - boot.startMs, restore: readyMs - boot.endMs };
    return [{ service, bytes: bytesOf(members), took }];
  };
  return {
    vault: drill.vault,
    services: [...drill.services].sort(),
    restores: services.flatMap(timed),
    estimatedMs: estimate?.whole?.ms ?? null,
    usedMs: rto.usedMs,
  };
}

const bytesOf = (members: readonly { bytes: number }[]) => members.reduce((sum, { bytes }) => sum + bytes, 0);

/** @param past newest first, in any number */
export function estimateRestore(
  planned: readonly PlannedRestoreSize[],
  vault: string,
  past: readonly TimedDrill[],
): RestoreEstimate {
  const looked = past.slice(0, maxDrills);
  const together = planned.map(({ service }) => service).sort();
  const services = planned.map((each) => estimateService(each, samplesFor(each.service, together, vault, looked)));
  const ready = services.flatMap((each) => each.ready ?? []);
  const whole = ready.length > 0 && ready.length === services.length ? latest(ready) : null;
  return { services, whole, past: errorOf(looked) };
}

/** All services are ready when the last one is. */
function latest(ready: readonly TimeRange[]): TimeRange {
  const most = (of: (range: TimeRange) => number) => Math.max(...ready.map(of));
  return { ms: most((r) => r.ms), lowMs: most((r) => r.lowMs), highMs: most((r) => r.highMs) };
}

/** The nearest drills of which there are enough; else the nearest of which there are any. */
function samplesFor(service: string, together: readonly string[], vault: string, past: readonly TimedDrill[]) {
  const fits: Record<EstimateBasis, (drill: TimedDrill) => boolean> = {
    same: (drill) => drill.vault === vault && JSON.stringify(drill.services) === JSON.stringify(together),
    'other-services': (drill) => drill.vault === vault,
    'other-vault': () => true,
  };
  const found = estimateBases.map((basis) => ({
    basis,
    samples: past.filter(fits[basis]).flatMap(({ restores }) => restores.filter((each) => each.service === service)),
  }));
  return (
    found.find(({ samples }) => samples.length >= fewDrills) ?? found.find(({ samples }) => samples.length > 0) ?? null
  );
}

function estimateService(planned: PlannedRestoreSize, found: ReturnType<typeof samplesFor>): ServiceEstimate {
  if (!found) return { ...planned, drills: 0, basis: null, parts: [], ready: null };
  const { basis, samples } = found;
  const parts = estimatedParts.map((part) => ({ part, ...rangeOf(part, samples, planned.bytes) }));
  const sum = (of: (range: TimeRange) => number) => parts.reduce((total, range) => total + of(range), 0);
  const ready = { ms: sum((r) => r.ms), lowMs: sum((r) => r.lowMs), highMs: sum((r) => r.highMs) };
  return { ...planned, drills: samples.length, basis, parts, ready };
}

interface Sample {
  bytes: number;
  ms: number;
}

/** Only the restore itself depends on how much there is. */
function rangeOf(part: EstimatedPart, samples: readonly PastRestore[], bytes: number): TimeRange {
  const taken = samples.map((each): Sample => ({ bytes: part === 'restore' ? each.bytes : 1, ms: each.took[part] }));
  const model = modelOf(taken);
  const [ms, ...bounds] = model(part === 'restore' ? bytes : 1);
  const { low, high } = scatterOf(taken, (size) => model(size)[0]);
  const slower = part === 'restore' ? slowerBeyond(taken, bytes) : 1;
  return { ms, lowMs: Math.min(ms, ...bounds) * low, highMs: Math.max(ms, ...bounds) * high * slower };
}

/** By how much longer it may take than the bytes tell, where more is to be restored than ever before. */
function slowerBeyond(samples: readonly Sample[], bytes: number): number {
  const most = Math.max(...samples.map((each) => each.bytes));
  return most > 0 && bytes > most ? (bytes / most) ** outgrowth : 1;
}

/** For a size: the expected time, and what it could as well be by what is not known of how times grow with size. */
type Model = (bytes: number) => [ms: number, ...bounds: number[]];

function modelOf(samples: readonly Sample[]): Model {
  const line =
    samples.length >= fewDrills ? trendOf(samples.map(({ bytes, ms }) => ({ atMs: bytes, value: ms }))) : undefined;
  // More never takes less time: what seems so is chance.
  if (line && differ(samples)) {
    const at = (bytes: number, slope: number) => Math.max(line.valueAt(bytes, Math.max(slope, 0)), 0);
    return (bytes) => [at(bytes, line.slope), at(bytes, line.low), at(bytes, line.high)];
  }
  const [usualMs, usualBytes] = [medianOf(samples.map(({ ms }) => ms)), medianOf(samples.map(({ bytes }) => bytes))];
  // Nothing tells what of the time is for the start and what for the bytes: all of it may be for either.
  return (bytes) => {
    const grown = usualBytes > 0 ? (usualMs * bytes) / usualBytes : usualMs;
    return [Math.max(usualMs, grown), usualMs, grown];
  };
}

/** Whether sizes lie far enough apart to tell how times grow with them. */
function differ(samples: readonly Sample[]): boolean {
  const sizes = samples.map(({ bytes }) => bytes);
  return Math.max(...sizes) > 1.2 * Math.min(...sizes);
}

/** By which factors what was measured lay beside what would have been expected. */
function scatterOf(samples: readonly Sample[], expected: (bytes: number) => number): { low: number; high: number } {
  const factors = samples
    .flatMap(({ bytes, ms }) => (expected(bytes) > 0 ? [ms / expected(bytes)] : []))
    .sort((a, b) => a - b);
  const odd = factors.length >= manyDrills ? Math.floor(factors.length / 10) : 0;
  const [low = 1, high = 1] = [factors[odd], factors[factors.length - 1 - odd]];
  const [least, most] = samples.length < fewDrills ? [0.5, 2] : [1, 1];
  return { low: Math.min(low, least), high: Math.max(high, most) };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}

function errorOf(past: readonly TimedDrill[]): RestoreEstimate['past'] {
  const errors = past.flatMap(({ estimatedMs, usedMs }) =>
    estimatedMs === null || !usedMs ? [] : [Math.abs(estimatedMs - usedMs) / usedMs],
  );
  if (errors.length === 0) return null;
  return { drills: errors.length, meanError: errors.reduce((sum, each) => sum + each, 0) / errors.length };
}
