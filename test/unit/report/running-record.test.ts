import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseRunningLine } from '../../../src/model/running-drill.ts';
import { RunningRecord, runningFolder } from '../../../src/report/running/running-record.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';

const about = { name: 'nightly', vault: 'onsite', services: ['agama'], rtoMs: 1_800_000 };
const event = { service: 'agama', phase: 'restore', text: 'begun' };

const filesIn = (reports: string): Promise<string[]> => readdir(join(reports, runningFolder)).catch(() => []);

async function linesIn(reports: string) {
  const [name = ''] = await filesIn(reports);
  const text = await readFile(join(reports, runningFolder, name), 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1).map(parseRunningLine);
}

describe('RunningRecord', () => {
  it('is there while a drill runs, says how far it has come, and is gone afterwards', async () => {
    await using scratch = await scratchFolder();
    const reports = join(scratch.path, 'reports');
    const record = new RunningRecord();
    record.begin(reports, about, new Date('2026-11-22T02:15:00Z'));
    record.tell(event);
    const lines = await until('two lines', async () => {
      const found = await linesIn(reports);
      return found.length === 2 ? found : undefined;
    });
    expect(await filesIn(reports)).to.deep.equal([`20261122T021500Z-nightly.${process.pid}.jsonl`]);
    expect(lines[0]).to.deep.include({ kind: 'begin', startedAt: '2026-11-22T02:15:00.000Z', ...about });
    expect(lines[1]).to.deep.include({ kind: 'step', ...event });
    const [name = ''] = await filesIn(reports);
    expect((await stat(join(reports, runningFolder, name))).mode & 0o137, 'not for everybody').to.equal(0);
    await record.end('pass', '20261122T021500Z-nightly');
    expect(await filesIn(reports)).to.deep.equal([]);
    await record.end();
  });

  it('is gone also when the drill threw', async () => {
    await using scratch = await scratchFolder();
    {
      await using record = new RunningRecord();
      record.begin(scratch.path, about);
    }
    expect(await filesIn(scratch.path)).to.deep.equal([]);
  });

  it('does nothing where nothing was begun', async () => {
    const record = new RunningRecord();
    record.tell(event);
    await record.end('pass', null);
  });

  for (const [what, spoil] of [
    ['the reports are a file', (path: string) => writeFile(path, 'a file')],
    ['its folder is a file', (path: string) => mkdir(path).then(() => writeFile(join(path, runningFolder), 'a file'))],
  ] as const) {
    it(`takes nothing from a drill when ${what}`, async () => {
      await using scratch = await scratchFolder();
      const reports = join(scratch.path, 'reports');
      await spoil(reports);
      const record = new RunningRecord();
      record.begin(reports, about);
      for (let i = 0; i < 5_000; i += 1) record.tell(event);
      await record.end('pass', null);
    });
  }

  it('does not wait, and does not grow without end, however much it is told', async () => {
    await using scratch = await scratchFolder();
    const record = new RunningRecord();
    record.begin(scratch.path, about);
    for (let i = 0; i < 100_000; i += 1) record.tell({ ...event, text: `${i} ${'x'.repeat(2_000)}` });
    const lines = await until('lines', async () => {
      const found = await linesIn(scratch.path);
      return found.length > 1 ? found : undefined;
    });
    expect(lines.length).to.be.lessThan(1_001);
    await record.end();
  });

  it('removes what killed drills have left, and nothing of those that run', async () => {
    await using scratch = await scratchFolder();
    const folder = join(scratch.path, runningFolder);
    await mkdir(folder);
    const dead = spawn('true');
    await once(dead, 'exit');
    const living = `20261122T011500Z-other.${process.pid}.jsonl`;
    const names = [`20261122T001500Z-dead.${dead.pid}.jsonl`, living, 'notes.txt'];
    for (const name of names) await writeFile(join(folder, name), '');
    const record = new RunningRecord();
    record.begin(scratch.path, about);
    await until('the removal', async () => ((await filesIn(scratch.path)).includes(names[0] ?? '') ? undefined : true));
    await record.end();
    expect((await filesIn(scratch.path)).sort()).to.deep.equal([living, 'notes.txt'].sort());
  });
});
