import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import type { Session } from '../client.ts';
import { quoteText } from '../names.ts';
import { readPosition, type Snapshot } from '../snapshot.ts';
import { beginSnapshot } from '../source.ts';
import { estimateBytes } from './clonable.ts';
import type { SourceClone } from './source-clone.ts';

const mib = 1024 ** 2;
const pollMs = 20;
/** A clone of less is made in a second or two: it is locked from its beginning. */
const smallBytes = 512 * mib;
/** For so long writers may be kept waiting for the whole of a clone. */
const quickMs = 5_000;
const aheadSeconds = 2;
/** Of a fast disk: what it copies while the lock is asked for. */
const leastAheadBytes = 256 * mib;

interface Progress {
  /** `FILE COPY`, `PAGE COPY`, `REDO COPY` … → `Not Started`, `In Progress`, `Completed`. */
  states: Map<string, string>;
  /** Of the files: what was copied, and what there is. */
  copiedBytes: number;
  totalBytes: number;
}

/**
 * Lets the server clone itself, and enters with all sessions the one snapshot that the clone holds. A clone's instant is when its
 * pages have been copied: so writers wait from shortly before all files are copied until then, and not for the whole clone. DDL
 * is kept out until the coordinator unlocks the instance. BACKUP_INCOMPLETE when the lock was not to be had in time, unless the
 * whole clone took so little that a second one is locked from its beginning.
 */
export async function enterCloneInstant(
  coordinator: Session,
  verifications: readonly Session[],
  clone: SourceClone,
  activity: Activity,
): Promise<Snapshot> {
  const { clock } = activity;
  await coordinator.run('LOCK INSTANCE FOR BACKUP');
  // Closes tables beforehand, so that the lock itself has nothing to wait for.
  await coordinator.run('FLUSH TABLES');
  const isSmall = (await estimateBytes(coordinator)) < smallBytes;
  let lockedMs = clock.monotonicMs();
  const lock = async () => {
    lockedMs = clock.monotonicMs();
    await coordinator.run('FLUSH TABLES WITH READ LOCK');
  };
  const make = () => {
    const making = activity.native('clone', () => clone.make());
    making.catch(() => {});
    return { making, watch: new CloneWatch(coordinator, clone.folder) };
  };
  let made: ReturnType<typeof make> | undefined;
  if (!isSmall) {
    const begunMs = clock.monotonicMs();
    made = make();
    await made.watch.until(made.making, isNearlyCopied());
    await lock();
    if (!(await isCopying(made.watch))) {
      await coordinator.run('UNLOCK TABLES');
      await made.making;
      if (clock.monotonicMs() - begunMs > quickMs) throw tooLate();
      // On a fast disk: one that is made so quickly may be locked from its beginning, as a small one is.
      await clone.discard();
      made = undefined;
    }
  }
  if (!made) {
    await lock();
    made = make();
  }
  const { making, watch } = made;
  await Promise.all(verifications.map((session) => session.run(beginSnapshot)));
  const { dataAt, position } = await readPosition(coordinator, clock);
  await watch.until(making, ({ states }) => (states.get('REDO COPY') ?? 'Not Started') !== 'Not Started');
  await coordinator.run('UNLOCK TABLES');
  const lockMs = Math.round(clock.monotonicMs() - lockedMs);
  await making;
  return { dataAt, position: { ...position, lockMs } };
}

/** Whether what is left will be copied within `aheadSeconds`, at the pace of what was copied up to now. */
function isNearlyCopied() {
  let begunMs: number | undefined;
  return ({ states, copiedBytes, totalBytes }: Progress) => {
    if (states.get('FILE COPY') === 'Completed') return true;
    if (copiedBytes === 0) return false;
    begunMs ??= performance.now();
    const seconds = Math.max(0.05, (performance.now() - begunMs) / 1000);
    const ahead = Math.max(leastAheadBytes, (copiedBytes / seconds) * aheadSeconds);
    return totalBytes - copiedBytes <= ahead;
  };
}

/** Seen under the lock, so that it is certain: the clone's instant is still to come. */
async function isCopying(watch: CloneWatch): Promise<boolean> {
  return (await watch.look()).states.get('FILE COPY') === 'In Progress';
}

function tooLate() {
  const sentence =
    'the lock was not to be had before the server had copied all files: the instant of the clone is not known';
  return new FiredrillError('BACKUP_INCOMPLETE', sentence, {
    hint: 'Look for long statements on the source (SHOW PROCESSLIST), then run the backup again.',
  });
}

class CloneWatch {
  readonly #session: Session;
  readonly #folder: string;

  constructor(session: Session, folder: string) {
    this.#session = session;
    this.#folder = folder;
  }

  /** Waits until a look at the clone is as wanted; throws what `making` throws, and returns when it has ended well. */
  async until(making: Promise<unknown>, isReached: (progress: Progress) => boolean): Promise<void> {
    let hasEnded = false;
    const ended = making.then(() => {
      hasEnded = true;
    });
    ended.catch(() => {});
    while (!hasEnded && !isReached(await this.look())) await Promise.race([ended, sleep(pollMs)]);
  }

  /** Of our clone only: the tables tell of the last one that there was. */
  async look(): Promise<Progress> {
    const rows = await this.#session.rows(
      `SELECT STAGE AS stage, progress.STATE AS state, ESTIMATE AS estimate, DATA AS data
       FROM performance_schema.clone_progress AS progress JOIN performance_schema.clone_status AS status USING (ID)
       WHERE LOCATE(${quoteText(this.#folder)}, status.DESTINATION) = 1`,
    );
    const files = rows.find(({ stage }) => stage === 'FILE COPY');
    return {
      states: new Map(rows.map(({ stage, state }) => [stage ?? '', state ?? ''])),
      copiedBytes: Number(files?.data ?? 0),
      totalBytes: Number(files?.estimate ?? 0),
    };
  }
}
