import { FiredrillError } from '../../kit/errors.ts';

/** INTERRUPTED when the order to stop was given. */
export function assertGoesOn(signal: AbortSignal) {
  if (signal.aborted) throw interrupted(signal.reason);
}

export function interrupted(cause?: unknown) {
  return new FiredrillError('INTERRUPTED', 'the work on InfluxDB was interrupted', { cause });
}
