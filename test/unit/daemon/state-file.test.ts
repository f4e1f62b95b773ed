import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { emptyMemory, type Memory, withJob } from '../../../src/daemon/memory.ts';
import { makeStateFolder, stateFile } from '../../../src/daemon/state-file.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const at = '2026-11-22T01:30:00.000Z';

const full: Memory = {
  ...withJob(emptyMemory, 'full', {
    settled: at,
    triggered: null,
    open: { occasion: at, since: at, attempts: 2, failures: 1, notBefore: at },
    last: { startedAt: at, endedAt: at, end: 'died', status: null },
  }),
  running: [{ id: 'a-1', job: 'full', occasion: at, missed: 3, attempt: 2, startedAt: at, deadlineAt: at }],
  untold: [
    {
      ...{ job: 'full', run: 'a-0', occasion: at, missed: 0, attempt: 1, startedAt: at, endedAt: at },
      ...{ end: 'failed', status: 1, retryAt: at, report: '/reports/x', summary: 'verdict' },
      errors: [{ code: 'DEADLINE', message: 'slow', hint: 'look', service: null }],
    },
  ],
};

describe('the state file', () => {
  it('is empty before the first daemon, and gives back what was saved', async () => {
    await using scratch = await scratchFolder();
    const store = stateFile(scratch.path);
    expect(await store.load()).to.deep.equal(emptyMemory);
    await store.save(full);
    expect(await store.load()).to.deep.equal(full);
    await store.save(emptyMemory);
    expect(await store.load()).to.deep.equal(emptyMemory);
    expect(await readdir(scratch.path)).to.deep.equal(['state.json']);
  });

  it('is never half of one: what a killed daemon was writing is passed over', async () => {
    await using scratch = await scratchFolder();
    const store = stateFile(scratch.path);
    await store.save(full);
    await writeFile(join(scratch.path, 'state.next.json'), '{"version":1,"jo');
    expect(await store.load()).to.deep.equal(full);
    await store.save(emptyMemory);
    expect(await store.load()).to.deep.equal(emptyMemory);
  });

  it('says what to type when it cannot be read, and is left as it is', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'state.json');
    const good = JSON.stringify(full);
    const bad: [string, RegExp][] = [
      ['', /state\.json: Unexpected end/],
      [good.slice(0, 100), /state\.json: /],
      [good.replace('"version":1', '"version":2'), /version/],
      [good.replace('"a-1"', '"../../etc"'), /running\.0\.id/],
      [good.replace('"settled":"2026-11-22T01:30:00.000Z"', '"settled":"yesterday"'), /jobs\.full\.settled/],
      [good.replace('"died"', '"bored"'), /jobs\.full\.last\.end/],
      ['[]', /state\.json: /],
    ];
    for (const [text, why] of bad) {
      await writeFile(file, text);
      const error = await rejectionOf(stateFile(scratch.path).load());
      expect(error, text).to.include({ code: 'STATE_INVALID', exit: 1 });
      expect(error.message, text).to.match(why);
      expect(error.hint).to.contain(`To begin anew: mv ${file} ${file}.unreadable`);
      expect(await readFile(file, 'utf8')).to.equal(text);
    }
  });

  it('says which folder cannot be written', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'file');
    await writeFile(file, '');
    for (const work of [makeStateFolder(join(file, 'daemon')), stateFile(join(scratch.path, 'none')).save(full)]) {
      const error = await rejectionOf(work);
      expect(error).to.include({ code: 'FILE_WRITE', exit: 1 });
      expect(error.hint).to.match(/schedules\.state/);
    }
  });
});
