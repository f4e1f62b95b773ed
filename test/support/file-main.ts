import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../src/cli/run.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { exists } from '../../src/kit/files.ts';
import { type FileSettings, fileEngine, whileRestoring } from './file-engine.ts';
import { until } from './until.ts';

// The program with the file engine. FIREDRILL_TEST makes it misbehave: a test sets it to try how the program takes that.
const fault = process.env.FIREDRILL_TEST ?? '';

const hang = async (signal?: AbortSignal) => {
  process.stderr.write('hanging\n');
  await sleep(120_000, undefined, signal ? { signal } : {}).catch((cause) => {
    throw new FiredrillError('INTERRUPTED', 'woken', { cause });
  });
};

/** Until a test makes the file that it named. */
const waitForOrder = async () => {
  process.stderr.write('waiting\n');
  const there = () => exists(process.env.FIREDRILL_TEST_FILE ?? '');
  await until('the order to go on', async () => ((await there()) ? true : undefined), 120_000);
};

const faults: Record<string, Partial<Engine<FileSettings>>> = {
  'hang-in-backup': {
    backupFull: async (source, sink, activity) => {
      const record = await fileEngine.backupFull(source, sink, activity);
      await hang(activity.signal);
      return record;
    },
  },
  'wait-in-backup': {
    backupFull: async (source, sink, activity) => {
      const record = await fileEngine.backupFull(source, sink, activity);
      if (source.service === 'two') await waitForOrder();
      return record;
    },
  },
  'fail-one-backup': {
    backupFull: async (source, sink, activity) => {
      const record = await fileEngine.backupFull(source, sink, activity);
      if (source.service === 'one') {
        throw new FiredrillError('BACKUP_INCOMPLETE', 'the dump ended\u001b[2J early', { detail: ['mind the gap'] });
      }
      return record;
    },
  },
  'bug-in-backup': {
    backupFull: async ({ service }, ...rest) => {
      if (service === 'one') throw new TypeError('x is not a function');
      return fileEngine.backupFull({ service, host: rest as never, settings: { content: 'x' } }, ...rest);
    },
  },
  'large-backup': {
    backupFull: async (source, sink, activity) => {
      const settings = { content: Array.from({ length: 400_000 }, () => Math.random().toString(36)).join('') };
      return fileEngine.backupFull({ ...source, settings }, sink, activity);
    },
  },
  'hang-in-diagnosis': { diagnose: async () => hang().then(() => []) },
};

if (fault === 'hang-in-restore') whileRestoring.current = hang;
if (fault === 'wait-in-restore') whileRestoring.current = waitForOrder;
if (fault === 'crash-in-restore') {
  whileRestoring.current = async (signal) => {
    setImmediate(() => {
      throw new TypeError('a bug somewhere');
    });
    await hang(signal);
  };
}

process.exit(await run(process.argv.slice(2), [{ ...fileEngine, ...faults[fault] }]));
