import type { Diagnosis } from '../../engines/engine.ts';
import { FiredrillError, isFiredrillError, messageOf } from '../../kit/errors.ts';
import { formatDuration } from '../../kit/units.ts';

export interface DoctorGroup {
  title: string;
  findings: Diagnosis[];
}

export const ok = (what: string): Diagnosis => ({ ok: true, what });
export const problem = (what: string, advice: string): Diagnosis => ({ ok: false, what, advice });

/** What was thrown, as a problem with the error's own advice. */
export function problemOf(error: unknown): Diagnosis {
  const advice = isFiredrillError(error) ? error.hint : 'Run: firedrill doctor --debug, and report what it prints.';
  const detail = isFiredrillError(error) && error.detail.length > 0 ? ` (${error.detail.slice(-2).join('; ')})` : '';
  // Advice to run the doctor is no help from the doctor.
  return problem(
    messageOf(error) + detail,
    /^Run: firedrill doctor$/.test(advice) ? 'Mend this, then look again.' : advice,
  );
}

/**
 * Runs one part of the examination. Whatever it throws is a problem of its own, and no part takes longer than its deadline:
 * one part's trouble hides no other's.
 */
export async function examine(
  title: string,
  deadlineMs: number,
  stop: AbortSignal,
  look: (signal: AbortSignal) => Promise<Diagnosis[]>,
): Promise<DoctorGroup> {
  const tooLong = new AbortController();
  // Not AbortSignal.timeout: its timer does not keep the process alive, and what hangs may not either.
  const timer = setTimeout(() => tooLong.abort(), deadlineMs);
  const signal = AbortSignal.any([stop, tooLong.signal]);
  const late = Promise.withResolvers<never>();
  const expire = () => late.reject(deadlineError(deadlineMs));
  signal.addEventListener('abort', expire, { once: true });
  try {
    return { title, findings: await Promise.race([look(signal), late.promise]) };
  } catch (error) {
    return { title, findings: [problemOf(tooLong.signal.aborted ? deadlineError(deadlineMs) : error)] };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', expire);
  }
}

function deadlineError(deadlineMs: number) {
  const sentence = `there was no answer within ${formatDuration(deadlineMs)}`;
  return new FiredrillError('DEADLINE', sentence, { hint: 'Find out what hangs there, then run: firedrill doctor' });
}
