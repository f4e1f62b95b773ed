import { exitStatus, type FiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';

/** What a run over several services ends with: 11 when nothing but locks kept some of them from it, else 1. */
export function statusOfFailures(failed: readonly { error: FiredrillError }[]): number {
  if (failed.length === 0) return exitStatus.pass;
  return failed.every(({ error }) => error.code === 'LOCKED') ? exitStatus.locked : exitStatus.harness;
}

/** For an observer of the job: what was done, and of each service that failed why. */
export function jobWords(done: string, failed: readonly { service: string; error: FiredrillError }[]): string {
  return [done, ...failed.map(({ service, error }) => plainLine(`${service}: ${error.code}: ${error.message}`))].join(
    '\n',
  );
}
