import { expect } from 'chai';
import fc from 'fast-check';
import {
  afterLine,
  begunDrill,
  parseRunningLine,
  type RunningBegin,
  type RunningStep,
} from '../../../src/model/running-drill.ts';
import { anyText } from '../../support/arbitrary-journal.ts';

const begin: RunningBegin = {
  ...{ kind: 'begin', owner: 'host/1/2', name: 'nightly', vault: 'onsite', services: ['agama', 'telegraf'] },
  ...{ startedAt: '2026-11-22T02:15:00.000Z', rtoMs: 1_800_000 },
};

const step = (service: string | null, phase: string, text: string, more: Partial<RunningStep> = {}): RunningStep => ({
  ...{ kind: 'step', atMs: 1, service, phase, text },
  ...more,
});

const drillAfter = (...lines: Parameters<typeof afterLine>[1][]) => lines.reduce(afterLine, begunDrill(begin));

describe('afterLine', () => {
  it('keeps of each service its newest step, and the phases that have ended', () => {
    const { services } = drillAfter(
      step('agama', 'fetch', 'begun'),
      step('agama', 'fetch', 'ended after 0.1 s'),
      step('agama', 'restore', 'begun'),
      step(null, 'boot', 'begun'),
    );
    expect(services.map(({ service, step: now, done }) => [service, now?.phase, done])).to.deep.equal([
      [null, 'boot', []],
      ['agama', 'restore', ['fetch']],
      ['telegraf', undefined, []],
    ]);
  });

  it('takes a phase that begins again for one that has not ended', () => {
    const ended = step('agama', 'restore', 'ended after 1.0 s');
    expect(drillAfter(ended).services[1]?.done).to.deep.equal(['restore']);
    expect(drillAfter(ended, step('agama', 'restore', 'begun')).services[1]?.done).to.deep.equal([]);
  });

  it('holds a few of the newest steps, and bytes that go on as one', () => {
    const bytes = Array.from({ length: 50 }, (_, i) => step('agama', 'fetch', 'full', { bytes: i }));
    expect(drillAfter(...bytes).recent.map((each) => each.bytes)).to.deep.equal([49]);
    const many = Array.from({ length: 50 }, (_, i) => step('agama', 'fetch', `${i}`));
    expect(
      drillAfter(...many)
        .recent.map((each) => each.text)
        .slice(0, 2),
    ).to.deep.equal(['49', '48']);
    expect(drillAfter(...many).recent.length).to.be.lessThan(20);
  });

  it('says nothing more after its end', () => {
    const end = { kind: 'end', atMs: 5, verdict: 'pass', folder: null } as const;
    const drill = drillAfter(end, step('agama', 'restore', 'begun'), begin);
    expect(drill).to.deep.equal(drillAfter(end));
  });
});

describe('parseRunningLine', () => {
  it('reads what was written', () => {
    for (const line of [begin, step('agama', 'fetch', 'x', { bytes: 5, totalBytes: 9 })]) {
      expect(parseRunningLine(JSON.stringify(line))).to.deep.equal(line);
    }
    const end = { kind: 'end', atMs: 5, verdict: 'pass', folder: '20261122T021500Z-nightly-2' } as const;
    expect(parseRunningLine(JSON.stringify(end))).to.deep.equal(end);
  });

  it('takes nothing else: no other folder, no half a line, no text without end', () => {
    const end = { kind: 'end', atMs: 5, verdict: 'pass', folder: '../../etc' };
    expect(parseRunningLine(JSON.stringify(end))).to.equal(undefined);
    expect(parseRunningLine(JSON.stringify(begin).slice(0, 40))).to.equal(undefined);
    const long = parseRunningLine(JSON.stringify(step('agama', 'fetch', 'W'.repeat(1e6))));
    expect(JSON.stringify(long).length).to.be.lessThan(1000);
    fc.assert(fc.property(anyText, (text) => parseRunningLine(text) === undefined));
  });
});
