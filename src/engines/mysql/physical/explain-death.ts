import { isFiredrillError } from '../../../kit/errors.ts';
import type { OpenMember } from '../../../model/member.ts';
import { verifyClone } from './verify-clone.ts';

/**
 * A server that cannot start on a clone, hangs, or dies of it, says little: then each page is looked at, so that the fault gets its name.
 */
export async function explainDeath<T>(full: OpenMember, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFiredrillError(error, 'RESTORE_FAILED', 'SANDBOX_FAILED')) throw error;
    await verifyClone(full, { signal });
    throw error;
  }
}
