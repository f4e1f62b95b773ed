import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError, messageOf, unlessGone } from '../kit/errors.ts';
import { syncFolder, writeNewFile } from '../kit/files.ts';
import { firstIssue } from '../kit/json.ts';
import { emptyMemory, type Memory } from './memory.ts';
import { memorySchema } from './memory-schema.ts';

/** Where the daemon's memory outlives it. */
export interface MemoryStore {
  /** Of a daemon that has never run: nothing. STATE_INVALID when what is there cannot be read. */
  load(): Promise<Memory>;
  /** Whole or not at all, and on the disk when it returns. FILE_WRITE when it cannot be. */
  save(memory: Memory): Promise<void>;
}

/** `<folder>/state.json`; for one daemon at a time, which holds the lock of the folder. */
export function stateFile(folder: string): MemoryStore {
  const file = join(folder, 'state.json');
  const next = join(folder, 'state.next.json');
  return {
    load: async () => {
      const text = await unlessGone(readFile(file, 'utf8')).catch((cause) => {
        throw unreadable(file, messageOf(cause), cause);
      });
      return text === undefined ? emptyMemory : parsed(file, text);
    },
    save: async (memory) => {
      try {
        // What a killed daemon left.
        await rm(next, { force: true });
        await writeNewFile(next, `${JSON.stringify(memory, null, 1)}\n`);
        await rename(next, file);
        await syncFolder(folder);
      } catch (cause) {
        throw notWritable(file, cause);
      }
    },
  };
}

/** FILE_WRITE when it cannot be made. */
export async function makeStateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
  } catch (cause) {
    throw notWritable(folder, cause);
  }
}

function notWritable(path: string, cause: unknown) {
  const hint = 'Check space and permissions of the folder that schedules.state names, then start the daemon again.';
  return new FiredrillError('FILE_WRITE', `${path} cannot be written: ${messageOf(cause)}`, { cause, hint });
}

function parsed(file: string, text: string): Memory {
  try {
    const judged = memorySchema.safeParse(JSON.parse(text));
    if (judged.success) return judged.data;
    throw unreadable(file, firstIssue(judged.error) ?? 'it has another form');
  } catch (cause) {
    if (cause instanceof FiredrillError) throw cause;
    throw unreadable(file, messageOf(cause), cause);
  }
}

function unreadable(file: string, why: string, cause?: unknown) {
  const hint = `Without it each job runs once, at once. To begin anew: mv ${file} ${file}.unreadable`;
  return new FiredrillError('STATE_INVALID', `what the daemon remembers cannot be read: ${file}: ${why}`, {
    cause,
    hint,
  });
}
