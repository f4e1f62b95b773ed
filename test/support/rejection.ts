import { FiredrillError } from '../../src/kit/errors.ts';

/** The FiredrillError that a promise rejects with; anything else fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<FiredrillError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FiredrillError) return error;
    throw error;
  }
  throw new Error('expected a rejection, got none');
}
