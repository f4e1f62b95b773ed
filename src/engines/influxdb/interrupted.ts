import { FiredrillError } from '../../kit/errors.ts';

/** INTERRUPTED when the order to stop was given. */
export function assertGoesOn(signal: AbortSignal) {
  if (signal.aborted)
    throw new FiredrillError('INTERRUPTED', 'the work on InfluxDB was interrupted', { cause: signal.reason });
}
