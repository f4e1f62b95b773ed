import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError, messageOf, unlessGone } from '../../kit/errors.ts';
import { replaceFile } from '../../kit/replace-file.ts';
import { type StackState, stackState } from '../../model/stack-state.ts';

const stateName = 'stack.json';

/** The file that says that a stack was raised. While it is there, the reaper leaves the stack until its time is over. */
export const stateFile = (folder: string) => join(folder, stateName);

/** With mode 0600: it holds what makes a machine once more. */
export async function writeState(folder: string, state: StackState): Promise<void> {
  try {
    await replaceFile(folder, stateName, `${JSON.stringify(state, null, 1)}\n`, 0o600);
  } catch (cause) {
    throw new FiredrillError('FILE_WRITE', `${stateFile(folder)} cannot be written: ${messageOf(cause)}`, { cause });
  }
}

/** USAGE where no stack was raised in that folder; STATE_INVALID when its file is none of ours. */
export async function readState(folder: string): Promise<StackState> {
  const file = stateFile(folder);
  const text = await unlessGone(readFile(file, 'utf8'));
  if (text === undefined) {
    throw new FiredrillError('USAGE', `no stack was raised in ${folder}`, { hint: 'Run: firedrill gameday' });
  }
  try {
    return stackState.parse(JSON.parse(text));
  } catch (cause) {
    const hint = 'End this game day, and begin another.';
    throw new FiredrillError('STATE_INVALID', `${file} does not describe a stack`, { cause, hint });
  }
}
