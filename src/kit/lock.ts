import { hostname } from 'node:os';
import { type Clock, systemClock } from './clock.ts';
import { FiredrillError } from './errors.ts';
import { describeOwner, isOwnerAlive, ownOwner } from './owner.ts';
import { plainLine } from './text.ts';

/**
 * Where a lock's records lie: small texts, numbered from 1. The record with the highest number is the lock, and it is
 * never removed: whoever wants the lock after it makes the next one, which only one can. So nobody takes away what
 * somebody else has just got, however long ago he looked.
 */
export interface LockRecords {
  /** For sentences: `agama in vault onsite`. */
  readonly what: string;
  /** For sentences: where a record lies. */
  placeOf(number: number): string;
  /** The numbers that are there, in any order. */
  numbers(): Promise<number[]>;
  /** undefined when it is gone. */
  read(number: number): Promise<string | undefined>;
  /** Makes a record, whole at once; false when there is one of that number. */
  create(number: number, text: string): Promise<boolean>;
  /** Replaces a record, whole at once; false when it is gone. */
  replace(number: number, text: string): Promise<boolean>;
  /** Nothing to do when it is gone. */
  remove(number: number): Promise<void>;
}

/** A record's name, where records lie in folders: `agama.12`. */
export const recordName = (lock: string, number: number) => `${lock}.${number}`;

/** The numbers of a lock's records among names; what is none of its own is passed over. */
export function recordNumbers(names: readonly string[], lock: string): number[] {
  return names.flatMap((each) => {
    const [, name, number] = /^(.+)\.([1-9]\d{0,14})$/.exec(each) ?? [];
    return name === lock ? [Number(number)] : [];
  });
}

/** Released when it is disposed of. While it is held it is renewed by itself. */
export interface HeldLock extends AsyncDisposable {
  /** Why a lock that somebody had left was taken over, in one sentence; null when it was free. */
  readonly tookOver: string | null;
  /** LOCKED when the lock was lost, since it was not renewed in time. To be called before what only its holder may do. */
  assertHeld(): Promise<void>;
}

interface Holder {
  owner: string;
  purpose: string;
  /** ISO 8601, UTC. */
  since: string;
  expires: string;
  released: boolean;
}

/** A crash on another host blocks for as long, at most; one on this host is seen at once. */
export const lockMs = 15 * 60_000;
const renewMs = 60_000;
const maxTries = 10;

/**
 * Takes a lock that is free, or that was left: by a dead process of this host, or not renewed in time. LOCKED says who
 * has it, since when and until when. `purpose` is for sentences: `backup`.
 */
export async function takeLock(records: LockRecords, purpose: string, clock: Clock = systemClock): Promise<HeldLock> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const top = await topOf(records);
    const text = top === 0 ? undefined : await records.read(top);
    // Gone since it was listed: somebody has made the next one, so look again.
    if (top > 0 && text === undefined) continue;
    const tookOver = text === undefined ? null : leftBecause(text, records, top, clock);
    const lock = new NumberedLock(records, top + 1, { purpose, tookOver, clock });
    if (await lock.take()) return lock;
  }
  throw new FiredrillError('LOCKED', `${records.what} is wanted by several runs at once`);
}

async function topOf(records: LockRecords): Promise<number> {
  return Math.max(0, ...(await records.numbers()));
}

/** null when the lock was released; LOCKED when it is held. */
function leftBecause(text: string, records: LockRecords, number: number, clock: Clock): string | null {
  const holder = parseHolder(text);
  if (holder === undefined) {
    const hint = `Make sure that no other run is at work, then remove ${records.placeOf(number)}`;
    throw new FiredrillError('LOCKED', `${records.what} is locked by a record that cannot be read`, { hint });
  }
  const { owner, purpose, since, expires, released } = holder;
  if (released) return null;
  const who = plainLine(`${purpose} by ${describeOwner(owner)}, begun at ${since}`);
  if (!isOwnerAlive(owner)) return `${records.what} was locked: ${who}, whose process is gone`;
  if (Date.parse(expires) < clock.now().getTime()) {
    return `${records.what} was locked: ${who}, not renewed since it expired at ${expires}`;
  }
  throw new FiredrillError('LOCKED', `${records.what} is locked: ${who}`, { hint: hintFor(owner, expires) });
}

function hintFor(owner: string, expires: string): string {
  const [host, pid] = owner.split('/');
  if (host === hostname()) return `Wait for it to end; what it does: ps -fp ${Number(pid)}`;
  return `Wait for it to end; it renews its lock, and if it was cut off the lock is free after ${plainLine(expires)}`;
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { owner, purpose, since, expires, released } = JSON.parse(text) as Record<string, unknown>;
    const isText = [owner, purpose, since, expires].every((each) => typeof each === 'string');
    const isWhole = isText && typeof released === 'boolean' && !Number.isNaN(Date.parse(expires as string));
    return isWhole ? ({ owner, purpose, since, expires, released } as Holder) : undefined;
  } catch {
    return undefined;
  }
}

class NumberedLock implements HeldLock {
  readonly tookOver: string | null;
  readonly #records: LockRecords;
  readonly #number: number;
  readonly #holder: Pick<Holder, 'owner' | 'purpose' | 'since'>;
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | undefined;
  #renewal: Promise<boolean> = Promise.resolve(true);

  constructor(
    records: LockRecords,
    number: number,
    { purpose, tookOver, clock }: { purpose: string; tookOver: string | null; clock: Clock },
  ) {
    this.#records = records;
    this.#number = number;
    this.#holder = { owner: ownOwner(), purpose, since: clock.now().toISOString() };
    this.#clock = clock;
    this.tookOver = tookOver;
  }

  /** False when somebody else was faster. */
  async take(): Promise<boolean> {
    const records = this.#records;
    if (!(await records.create(this.#number, this.#text(false)))) return false;
    const numbers = await records.numbers();
    if (Math.max(...numbers) > this.#number) {
      // The record that was looked at is history: others have come and gone since.
      await records.remove(this.#number);
      return false;
    }
    for (const older of numbers.filter((each) => each < this.#number)) await records.remove(older);
    // What fails now may go well in a minute; whoever must know for sure asks.
    this.#timer = setInterval(() => void this.#write(false).catch(() => {}), renewMs).unref();
    return true;
  }

  async assertHeld(): Promise<void> {
    const isThere = await this.#write(false);
    if (isThere && (await topOf(this.#records)) === this.#number) return;
    const sentence = `the lock of ${this.#records.what} was lost: it was not renewed in time, and somebody else has it`;
    throw new FiredrillError('LOCKED', sentence, { hint: 'Run the command again when the other run has ended.' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    // A lock that cannot be released is free all the same when this process has ended.
    await this.#write(true).catch(() => {});
  }

  /** One after the other, so that a renewal never undoes the release. */
  #write(released: boolean): Promise<boolean> {
    const write = () => this.#records.replace(this.#number, this.#text(released));
    this.#renewal = this.#renewal.then(write, write);
    return this.#renewal;
  }

  #text(released: boolean): string {
    const expires = new Date(this.#clock.now().getTime() + lockMs).toISOString();
    return `${JSON.stringify({ ...this.#holder, expires, released } satisfies Holder)}\n`;
  }
}
