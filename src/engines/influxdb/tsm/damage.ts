import { FiredrillError } from '../../../kit/errors.ts';

/** A TSM or tombstone file that is not as the server writes them. */
export function damage(what: string): FiredrillError {
  return new FiredrillError('ARTIFACT_FORMAT', what);
}
