import { exitStatus, type FiredrillError } from '../kit/errors.ts';

/** What a run over several services ends with: 11 when nothing but locks kept some of them from it, else 1. */
export function statusOfFailures(failed: readonly { error: FiredrillError }[]): number {
  if (failed.length === 0) return exitStatus.pass;
  return failed.every(({ error }) => error.code === 'LOCKED') ? exitStatus.locked : exitStatus.harness;
}
