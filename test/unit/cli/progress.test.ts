import { expect } from 'chai';
import { plainProgress } from '../../../src/cli/progress.ts';

describe('progress in plain lines', () => {
  const lines: string[] = [];
  let nowMs: number;
  let tell: ReturnType<typeof plainProgress>;
  const restored = (service: string | null, text: string) => tell({ service, phase: 'restore', text });

  beforeEach(() => {
    lines.length = 0;
    nowMs = 1_000;
    tell = plainProgress(
      (line) => lines.push(line),
      () => nowMs,
    );
  });

  it('is a line for each step, of each service and of all of them', () => {
    restored('agama', 'begun');
    restored('grafana', 'begun');
    restored(null, 'begun');
    restored('agama', 'ended after 2.0 s');
    expect(lines).to.deep.equal([
      'agama: restore: begun\n',
      'grafana: restore: begun\n',
      'firedrill: restore: begun\n',
      'agama: restore: ended after 2.0 s\n',
    ]);
  });

  it('is a line in ten seconds of what only counts on, whoever else tells something meanwhile', () => {
    for (let done = 1; done <= 2_000; done += 1) {
      restored('agama', `${done.toLocaleString('en')} of 2,000 tables`);
      if (done % 500 === 0) restored('grafana', `step ${'x'.repeat(done / 500)}`);
      nowMs += 10;
    }
    restored('agama', 'copied full-20261122');
    restored('agama', 'copied incr-20261123');
    expect(lines.filter((line) => line.startsWith('agama'))).to.deep.equal([
      'agama: restore: 1 of 2,000 tables\n',
      'agama: restore: 1,001 of 2,000 tables\n',
      'agama: restore: copied full-20261122\n',
      'agama: restore: copied incr-20261123\n',
    ]);
    expect(lines.filter((line) => line.startsWith('grafana'))).to.have.lengthOf(4);
  });
});
