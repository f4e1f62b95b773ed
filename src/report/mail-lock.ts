import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFiredrillError } from '../kit/errors.ts';
import { type HeldLock, takeLock } from '../kit/lock.ts';
import { lockFolder } from '../kit/lock-folder.ts';

/** Two who send from one reports' folder at once would send one mail twice: they wait for one another. LOCKED after `maxWaitMs`. */
export async function lockMail(reportsFolder: string, maxWaitMs: number, signal: AbortSignal): Promise<HeldLock> {
  const records = lockFolder(join(reportsFolder, '.locks'), 'mail', `the mail of ${reportsFolder}`);
  for (const end = performance.now() + maxWaitMs; ; await sleep(200)) {
    try {
      return await takeLock(records, 'mail');
    } catch (error) {
      if (!isFiredrillError(error, 'LOCKED') || performance.now() > end || signal.aborted) throw error;
    }
  }
}
