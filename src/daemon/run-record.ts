import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError, messageOf, systemCode, unlessGone } from '../kit/errors.ts';
import { ownOwner } from '../kit/owner.ts';
import { replaceFile } from '../kit/replace-file.ts';

/**
 * What a run that the daemon started leaves about itself in a folder of its own, so that the next daemon knows what became of
 * it although the one that started it was killed: `begun.json`, before it does anything, and `ended.json`. A run whose
 * folder is gone was given up before it began, and does nothing.
 */
export interface EndRecord {
  status: number;
  endedAt: string;
  /** The folder of the report that it wrote; null when there is none. */
  report: string | null;
  /** In one line, what came of it; null where it came to nothing. */
  summary: string | null;
}

const begunFile = 'begun.json';
const endedFile = 'ended.json';

/** By the run itself, before it does anything. INTERRUPTED when nobody waits for it any more. */
export async function recordBegin(folder: string): Promise<void> {
  try {
    await replaceFile(folder, begunFile, JSON.stringify({ owner: ownOwner() }));
  } catch (cause) {
    const sentence = `this run cannot be recorded in ${folder}: ${messageOf(cause)}`;
    const isGone = systemCode(cause) === 'ENOENT';
    throw new FiredrillError(isGone ? 'INTERRUPTED' : 'FILE_WRITE', sentence, { cause });
  }
}

/** By the run itself, as its last deed. */
export async function recordEnd(folder: string, end: EndRecord): Promise<void> {
  await replaceFile(folder, endedFile, JSON.stringify(end));
}

/** A run's end as it recorded it; undefined as long as it has not. */
export async function recordedEnd(folder: string): Promise<EndRecord | undefined> {
  return (await readWhole(folder, endedFile)) as EndRecord | undefined;
}

/**
 * The owner of a run that has begun. Of one that has not, undefined; then it never will: its folder is taken away in the
 * one step in which the run would have recorded its beginning.
 */
export async function ownerOrGivenUp(folder: string): Promise<string | undefined> {
  const known = await recordedOwner(folder);
  if (known !== undefined) return known;
  const aside = `${folder}.given-up`;
  if ((await unlessGone(rename(folder, aside).then(() => true))) === undefined) return undefined;
  const late = await recordedOwner(aside);
  if (late === undefined) await rm(aside, { recursive: true, force: true });
  else await rename(aside, folder);
  return late;
}

async function recordedOwner(folder: string): Promise<string | undefined> {
  const found = (await readWhole(folder, begunFile)) as { owner: string } | undefined;
  return found?.owner;
}

async function readWhole(folder: string, file: string): Promise<unknown> {
  const text = await unlessGone(readFile(join(folder, file), 'utf8'));
  return text === undefined ? undefined : JSON.parse(text);
}
