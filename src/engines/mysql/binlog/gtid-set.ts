import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';

/** First and last number, both included. */
type Interval = readonly [first: number, last: number];

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const tagPattern = /^[a-z_][a-z0-9_]{0,31}$/;

/**
 * A set of global transaction identifiers, as `@@gtid_executed` prints it: `uuid:1-5:7, uuid:tag:1`. Immutable. Each key is
 * a server's uuid, with its tag where there is one.
 */
export class GtidSet {
  static readonly empty = new GtidSet(new Map());
  readonly #intervals: ReadonlyMap<string, readonly Interval[]>;

  private constructor(intervals: ReadonlyMap<string, readonly Interval[]>) {
    this.#intervals = intervals;
  }

  /** Throws ARTIFACT_FORMAT for what is no such set. */
  static parse(text: string): GtidSet {
    const pairs = text
      .split(',')
      .map((part) => part.trim().toLowerCase())
      .filter((part) => part !== '')
      .flatMap(parsePart);
    return GtidSet.of(pairs);
  }

  static of(pairs: Iterable<readonly [key: string, interval: Interval]>): GtidSet {
    const gathered = new Map<string, Interval[]>();
    for (const [key, interval] of pairs) {
      const known = gathered.get(key);
      if (known) known.push(interval);
      else gathered.set(key, [interval]);
    }
    return new GtidSet(new Map([...gathered].map(([key, intervals]) => [key, merged(intervals)])));
  }

  get isEmpty(): boolean {
    return this.#intervals.size === 0;
  }

  /** How many transactions. */
  get size(): number {
    return [...this.#pairs()].reduce((sum, [, [first, last]]) => sum + last - first + 1, 0);
  }

  union(other: GtidSet): GtidSet {
    return GtidSet.of([...this.#pairs(), ...other.#pairs()]);
  }

  /** What is here and not in `other`. */
  subtract(other: GtidSet): GtidSet {
    const left = [...this.#intervals].flatMap(([key, intervals]) =>
      intervals.flatMap((interval) =>
        cut(interval, other.#intervals.get(key) ?? []).map((rest) => [key, rest] as const),
      ),
    );
    return GtidSet.of(left);
  }

  contains(other: GtidSet): boolean {
    return other.subtract(this).isEmpty;
  }

  equals(other: GtidSet): boolean {
    return this.toString() === other.toString();
  }

  /** As MySQL prints it, on one line. */
  toString(): string {
    return [...this.#intervals]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, intervals]) => `${key}:${intervals.map(showInterval).join(':')}`)
      .join(',');
  }

  *#pairs(): Generator<readonly [string, Interval]> {
    for (const [key, intervals] of this.#intervals) for (const each of intervals) yield [key, each];
  }
}

function showInterval([first, last]: Interval): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

/** `uuid:1-5:7:tag:1-2`: a tag holds for the intervals that follow it. */
function parsePart(part: string): [string, Interval][] {
  const [uuid = '', ...rest] = part.split(':').map((piece) => piece.trim());
  if (!uuidPattern.test(uuid) || rest.length === 0) throw noGtidSet(part);
  let key = uuid;
  const pairs: [string, Interval][] = [];
  for (const piece of rest) {
    const numbers = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(piece);
    if (numbers) {
      const first = Number(numbers[1]);
      const last = Number(numbers[2] ?? numbers[1]);
      if (first < 1 || last < first || !Number.isSafeInteger(last)) throw noGtidSet(part);
      pairs.push([key, [first, last]]);
    } else if (tagPattern.test(piece)) key = `${uuid}:${piece}`;
    else throw noGtidSet(part);
  }
  return pairs;
}

function noGtidSet(text: string) {
  return new FiredrillError('ARTIFACT_FORMAT', `this is no set of transaction identifiers: ${plainLine(text, 120)}`);
}

function merged(intervals: readonly Interval[]): Interval[] {
  const result: [number, number][] = [];
  for (const [first, last] of intervals.toSorted((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

/** What is left of an interval without the (sorted, disjoint) others. */
function cut([first, last]: Interval, others: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let from = first;
  for (let i = firstEndingFrom(others, first); i < others.length; i += 1) {
    const [otherFirst, otherLast] = others[i] as Interval;
    if (otherFirst > last) break;
    if (otherFirst > from) left.push([from, otherFirst - 1]);
    from = otherLast + 1;
  }
  if (from <= last) left.push([from, last]);
  return left;
}

/** By bisection: a set may have a million intervals. */
function firstEndingFrom(sorted: readonly Interval[], number: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as Interval)[1] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
