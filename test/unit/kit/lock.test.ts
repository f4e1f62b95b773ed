import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { systemClock } from '../../../src/kit/clock.ts';
import { type HeldLock, type LockRecords, lockMs, takeLock } from '../../../src/kit/lock.ts';
import { lockFolder } from '../../../src/kit/lock-folder.ts';
import { ownOwner } from '../../../src/kit/owner.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const elsewhere = 'other-host/17/4711';

/** Records in memory; `turn` is awaited before each step, so that a test can order the steps of several takers. */
function recordsIn(texts: Map<number, string>, turn: (step: string) => Promise<unknown> = async () => {}): LockRecords {
  const step =
    <A extends unknown[], T>(name: string, work: (...args: A) => T) =>
    async (...args: A) => {
      await turn(name);
      return work(...args);
    };
  const put = (number: number, text: string, isThere: boolean) => {
    if (texts.has(number) !== isThere) return false;
    texts.set(number, text);
    return true;
  };
  return {
    what: 'agama',
    placeOf: (number) => `agama.${number}`,
    numbers: step('numbers', () => [...texts.keys()]),
    read: step('read', (number: number) => texts.get(number)),
    create: step('create', (number: number, text: string) => put(number, text, false)),
    replace: step('replace', (number: number, text: string) => put(number, text, true)),
    remove: step('remove', (number: number) => void texts.delete(number)),
  };
}

const holder = (owner: string, expires: Date, released = false) =>
  JSON.stringify({ owner, purpose: 'backup', since: '2026-11-22T01:30:00.000Z', expires, released });

const later = () => new Date(Date.now() + lockMs);
const taken = (text: string) => takeLock(recordsIn(new Map([[7, text]])), 'expire');

describe('takeLock', () => {
  it('waits for nobody: it says who has the lock and what to do', async () => {
    const here = await rejectionOf(taken(holder(ownOwner(), later())));
    expect(here).to.include({ code: 'LOCKED', exit: 11 });
    expect(here.message).to.equal(
      `agama is locked: backup by process ${process.pid} on ${hostname()}, begun at 2026-11-22T01:30:00.000Z`,
    );
    expect(here.hint).to.equal(`Wait for it to end; what it does: ps -fp ${process.pid}`);
    const expires = later();
    const there = await rejectionOf(taken(holder(elsewhere, expires)));
    expect(there.message).to.match(/process 17 on other-host/);
    expect(there.hint).to.match(new RegExp(`if it was cut off the lock is free after ${expires.toISOString()}$`));
  });

  it('takes over what was not renewed in time, and explains it', async () => {
    await using lock = await taken(holder(elsewhere, new Date(Date.now() - 1)));
    expect(lock.tookOver).to.match(
      /^agama was locked: backup by process 17 on other-host, begun at .*, not renewed since/,
    );
    await lock.assertHeld();
  });

  it('takes a lock that was released, without a word', async () => {
    await using lock = await taken(holder(elsewhere, later(), true));
    expect(lock.tookOver).to.equal(null);
  });

  it('takes over at once what a dead process of this host left', async () => {
    await using scratch = await scratchFolder();
    const code = `
      import { takeLock } from ${JSON.stringify(import.meta.resolve('../../../src/kit/lock.ts'))};
      import { lockFolder } from ${JSON.stringify(import.meta.resolve('../../../src/kit/lock-folder.ts'))};
      await takeLock(lockFolder(process.argv[1], 'agama', 'agama'), 'backup');
      process.stdout.write('locked');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, scratch.path]);
    await once(child.stdout, 'data');
    const records = lockFolder(scratch.path, 'agama', 'agama');
    const refused = await rejectionOf(takeLock(records, 'expire'));
    expect(refused.message).to.contain(`process ${child.pid} `);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await using lock = await takeLock(records, 'expire');
    expect(lock.tookOver).to.match(new RegExp(`backup by process ${child.pid} on .*, whose process is gone$`));
    expect(await readdir(scratch.path), 'older records are gone').to.deep.equal(['agama.2']);
  });

  it('does not guess what a record says that it cannot read', async () => {
    const soon = holder(elsewhere, later()).replace(/"expires":"[^"]*"/, '"expires":"soon"');
    for (const text of ['', '{}', 'null', '[', soon]) {
      const refused = await rejectionOf(taken(text));
      expect(refused, text).to.include({ code: 'LOCKED' });
      expect(refused.hint).to.match(/then remove agama\.7$/);
    }
  });

  it('tells its holder that it was lost', async () => {
    const records = recordsIn(new Map());
    const sleeper = await takeLock(records, 'backup');
    await using next = await takeLock({ ...records, read: async () => holder(elsewhere, new Date(0)) }, 'expire');
    await next.assertHeld();
    expect(await rejectionOf(sleeper.assertHeld())).to.include({ code: 'LOCKED' });
    await sleeper[Symbol.asyncDispose]();
    await next.assertHeld();
  });

  it('is renewed by each question, and released in the end', async () => {
    const texts = new Map<number, string>();
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 1, minute));
    let minute = 0;
    const lock = await takeLock(recordsIn(texts), 'backup', { ...systemClock, now: () => at(minute) });
    const record = () => JSON.parse(texts.get(1) ?? '');
    expect(record()).to.include({ since: at(0).toISOString(), expires: at(15).toISOString(), released: false });
    minute = 10;
    await lock.assertHeld();
    expect(record()).to.include({ since: at(0).toISOString(), expires: at(25).toISOString(), released: false });
    await lock[Symbol.asyncDispose]();
    expect(record()).to.include({ released: true, purpose: 'backup' });
  });

  it('is never held by two, in whatever order the steps of many takers come', async () => {
    const turns = fc.asyncProperty(fc.scheduler(), fc.constantFrom('dead', 'released', 'none'), async (s, left) => {
      const dead = `${hostname()}/4194400/1`;
      const first: [number, string][] = left === 'none' ? [] : [[7, holder(dead, later(), left === 'released')]];
      const texts = new Map(first);
      const held = new Set<number>();
      let rounds = 0;
      const taker = async (who: number) => {
        const records = recordsIn(texts, (step) => s.schedule(Promise.resolve(), `${who}: ${step}`));
        for (let round = 0; round < 2; round += 1) {
          const lock = await orRefused(takeLock(records, 'test'));
          if (!lock) continue;
          held.add(who);
          expect([...held], 'holders').to.deep.equal([who]);
          rounds += 1;
          await lock.assertHeld();
          held.delete(who);
          await lock[Symbol.asyncDispose]();
        }
      };
      const all = Promise.all([1, 2, 3, 4].map(taker));
      await s.waitFor(all);
      expect(rounds, 'somebody had it').to.be.greaterThan(0);
    });
    await fc.assert(turns, { numRuns: 300 });
  });
});

async function orRefused(lock: Promise<HeldLock>): Promise<HeldLock | undefined> {
  const taken = await lock.catch((error: unknown) => error);
  if (!(taken instanceof Error)) return taken as HeldLock;
  expect(taken).to.include({ code: 'LOCKED' });
  return undefined;
}

describe('lockFolder', () => {
  it('never replaces a record, and knows what is none of its own', async () => {
    await using scratch = await scratchFolder();
    const records = lockFolder(join(scratch.path, 'locks'), 'agama', 'agama');
    expect(await records.numbers()).to.deep.equal([]);
    expect(await records.replace(1, 'x')).to.equal(false);
    expect(await records.create(1, 'one')).to.equal(true);
    expect(await records.create(1, 'two')).to.equal(false);
    expect(await records.read(1)).to.equal('one');
    expect(await records.replace(1, 'three')).to.equal(true);
    expect(await records.read(1)).to.equal('three');
    for (const name of ['agama-2.5', 'agama', 'agama.x', 'agama.05', 'notes']) {
      await mkdir(join(scratch.path, 'locks', name));
    }
    await mkdir(join(scratch.path, 'locks', '.partial-abc.4194400'));
    await records.create(12, 'twelve');
    expect((await records.numbers()).sort()).to.deep.equal([1, 12]);
    await records.remove(1);
    await records.remove(1);
    expect(await records.read(1)).to.equal(undefined);
    expect(await readdir(join(scratch.path, 'locks'))).to.not.include('.partial-abc.4194400');
    await writeFile(join(scratch.path, 'file'), '');
    const nowhere = lockFolder(join(scratch.path, 'file'), 'agama', 'agama');
    expect(await nowhere.numbers().catch((error) => error.code)).to.equal('ENOTDIR');
  });
});
