import { expect } from 'chai';
import fc from 'fast-check';
import { checkSelf } from '../../../src/checks/self-check.ts';
import { decideVerdict } from '../../../src/checks/verdict.ts';
import { type CheckId, checkIds, Look, notRun } from '../../../src/model/check.ts';
import { failed, passed, unclear } from '../../support/results.ts';

const context = {
  services: 2,
  rto: { objectiveMs: 1_800_000, usedMs: 48_300 },
  restoredTo: '2026-11-22T01:30:00.000Z',
  lastGood: [],
};

describe('decideVerdict', () => {
  it('says to when a failed service can be restored, what would be lost, and which member is bad', () => {
    const good = { set: 's', member: 'incr-20261124T013000Z', dataAt: '2026-11-24T01:30:01.000Z', lostMs: 90_000_000 };
    const lastGood = [
      { service: 'agama', good, bad: 'incr-20261125T013000Z' },
      { service: 'grafana', good: null, bad: null },
    ];
    expect(decideVerdict([failed('rows')], { ...context, lastGood }).sentence).to.equal(
      'The backup is not good: rows is bad. ' +
        'agama can be restored to 2026-11-24 01:30 UTC (incr-20261124T013000Z): 1 d 1 h of data would be lost; incr-20261125T013000Z is bad. ' +
        'grafana cannot be restored to any point that was tried.',
    );
  });

  it('passes when every check passed, and says what was proven', () => {
    const { verdict, sentence } = decideVerdict([passed('rows'), passed('content')], context);
    expect(verdict).to.equal('pass');
    expect(sentence).to.equal(
      'All 2 services were restored in 48.3 s of 30 m, with the data of 2026-11-22 01:30 UTC; 2 checks passed.',
    );
  });

  it('fails with the first finding in its sentence, and counts the others', () => {
    const { verdict, sentence } = decideVerdict([failed('rows'), unclear('content'), failed('schema')], context);
    expect(verdict).to.equal('fail');
    expect(sentence).to.equal('The backup is not good: rows is bad (and 1 further finding).');
  });

  it('is inconclusive, and says nothing bad of the backup, when the drill could not look', () => {
    const { verdict, sentence } = decideVerdict(
      [passed('rows'), unclear('isolation', null, 'Docker is not running')],
      context,
    );
    expect(verdict).to.equal('inconclusive');
    expect(sentence).to.equal('The drill could not judge the backup: Docker is not running.');
  });

  it('never passes on no evidence', () => {
    expect(decideVerdict([], context).verdict).to.equal('inconclusive');
    expect(decideVerdict([notRun('rows', 'agama', 'why')], context).verdict).to.equal('inconclusive');
    expect(decideVerdict([passed('rows'), notRun('content', 'agama', 'why')], context).verdict).to.equal(
      'inconclusive',
    );
  });

  it('passes only if all results pass (property)', () => {
    const result = fc
      .tuple(fc.constantFrom(...checkIds), fc.constantFrom(passed, failed, unclear))
      .map(([check, make]) => make(check));
    fc.assert(
      fc.property(fc.array(result), (results) => {
        const { verdict } = decideVerdict(results, context);
        const allPassed = results.length > 0 && results.every((each) => each.outcome === 'pass');
        expect(verdict === 'pass').to.equal(allPassed);
        expect(verdict === 'fail').to.equal(results.some((each) => each.outcome === 'fail'));
      }),
    );
  });
});

describe('Look', () => {
  it('is inconclusive when it looked at less than it was to', () => {
    expect(new Look('rows', 'agama', 'tables', 3).sawOne(2).result().outcome).to.equal('inconclusive');
    expect(new Look('rows', 'agama', 'tables', 0).result().outcome).to.equal('inconclusive');
    expect(new Look('rows', 'agama', 'tables', 3).sawOne(3).result().outcome).to.equal('pass');
  });

  it('keeps a failure a failure', () => {
    const look = new Look('rows', 'agama', 'tables', 2).fail({ sentence: 'bad' }).couldNot({ sentence: 'unseen' });
    expect(look.result().outcome).to.equal('fail');
  });

  it('keeps the first 50 findings and counts the rest', () => {
    const look = new Look('rows', 'agama', 'tables', 1);
    for (let i = 0; i < 60; i += 1) look.fail({ sentence: `${i}` });
    expect(look.result()).to.include({ moreFindings: 10 }).and.have.property('findings').with.length(50);
  });
});

describe('checkSelf', () => {
  const declared = [
    { check: 'rows', service: 'agama' },
    { check: 'isolation', service: null },
  ] as const;

  it('passes when each declared check gave a result', () => {
    expect(checkSelf(declared, [passed('rows'), passed('isolation', null)]).outcome).to.equal('pass');
  });

  it('names a check that gave no result', () => {
    const { outcome, findings } = checkSelf(declared, [passed('rows')]);
    expect(outcome).to.equal('inconclusive');
    expect(findings[0]?.sentence).to.equal('check isolation gave no result');
  });

  it('is not content with a check that was not run though nothing had failed', () => {
    const results = [notRun('rows', 'agama', 'because'), passed('isolation', null)];
    expect(checkSelf(declared, results).outcome).to.equal('inconclusive');
    expect(checkSelf(declared, [...results, failed('manifest')]).outcome).to.equal('pass');
  });

  it('notices a check that passed and had nothing to look at', () => {
    const idle = { ...passed('rows'), expected: 0, lookedAt: 0 };
    const { outcome, findings } = checkSelf(declared, [idle, passed('isolation', null)]);
    expect(outcome).to.equal('inconclusive');
    expect(findings[0]?.sentence).to.match(/^check rows of agama looked at 0 .* and expected 0$/);
  });

  it('is not content with an engine none of whose checks looks into the data', () => {
    const results = [passed('rows'), passed('isolation', null)];
    const judged = (checks: readonly CheckId[]) => checkSelf(declared, results, [{ service: 'agama', checks }]);
    for (const checks of [[], ['restore-run', 'format']] as const) {
      expect(judged(checks)).to.include({ outcome: 'inconclusive' });
      expect(judged(checks).findings[0]?.sentence).to.equal('no check looks into the restored data of agama');
    }
    for (const check of ['rows', 'content', 'inventory'] as const) expect(judged([check]).outcome).to.equal('pass');
  });

  it('notices a check that passed and looked at too little', () => {
    const lazy = { ...passed('rows'), expected: 26, lookedAt: 3 };
    const { outcome, findings } = checkSelf(declared, [lazy, passed('isolation', null)]);
    expect(outcome).to.equal('inconclusive');
    expect(findings[0]?.sentence).to.equal('check rows of agama looked at 3 things and expected 26');
  });

  it('is inconclusive with nothing declared', () => {
    expect(checkSelf([], []).outcome).to.equal('inconclusive');
  });
});
