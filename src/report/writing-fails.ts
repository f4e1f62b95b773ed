import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';

/** System errors of writing into a reports' folder become REPORT_WRITE. */
export async function reportWritingFails<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = systemCode(error);
    if (error instanceof FiredrillError || code === undefined) throw error;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    const what = full ? 'the disk is full' : code;
    throw new FiredrillError('REPORT_WRITE', `the report cannot be written to ${folder}: ${what}`, {
      detail: [messageOf(error)],
      cause: error,
    });
  }
}
