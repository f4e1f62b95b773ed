import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FiredrillError, messageOf, systemCode } from '../../../kit/errors.ts';

/** A private folder on this machine (mkdtemp makes it 0700) for what a backup needs in between; `await using` removes it. */
export interface ScratchSpace extends AsyncDisposable {
  file(name: string): string;
}

export async function scratchSpace(): Promise<ScratchSpace> {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-grafana-')).catch((cause) => {
    throw diskFault(cause);
  });
  return {
    file: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Keeps a FiredrillError; what this machine's disk says becomes DISK_FULL or INTERNAL. */
export function diskFault(cause: unknown): FiredrillError {
  if (cause instanceof FiredrillError) return cause;
  const code = systemCode(cause) === 'ENOSPC' || systemCode(cause) === 'EDQUOT' ? 'DISK_FULL' : 'INTERNAL';
  return new FiredrillError(code, `a scratch file on this machine cannot be written: ${messageOf(cause)}`, { cause });
}
