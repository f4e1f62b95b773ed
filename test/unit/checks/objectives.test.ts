import { expect } from 'chai';
import { checkCoverage } from '../../../src/checks/coverage.ts';
import { checkFreshness } from '../../../src/checks/freshness.ts';
import { checkOlderPoints } from '../../../src/checks/older-points.ts';
import { checkRpo, graceMs, measureRpo } from '../../../src/checks/rpo.ts';
import { checkRto } from '../../../src/checks/rto.ts';
import { checkSetAge } from '../../../src/checks/set-age.ts';
import { checkVersions } from '../../../src/checks/versions.ts';
import type { ExcursionRecord } from '../../../src/model/journal.ts';

const hour = 3_600_000;
const asOf = new Date('2026-11-22T03:00:00.000Z');
const sentenceOf = (result: { findings: { sentence: string }[] }) => result.findings[0]?.sentence;

describe('checks of objectives', () => {
  it('coverage names the service that has no backup', () => {
    const covered = { service: 'agama', restorable: 3, unsealed: [] };
    const bare = { service: 'grafana', restorable: 0, unsealed: ['full-20261122T013000Z'] };
    expect(checkCoverage([covered], 'onsite').outcome).to.equal('pass');
    const result = checkCoverage([covered, bare], 'onsite');
    expect(result.outcome).to.equal('fail');
    expect(sentenceOf(result)).to.equal(
      'grafana: there is no completed backup in vault onsite; full-20261122T013000Z was never completed',
    );
    expect(checkCoverage([], 'onsite').outcome).to.equal('inconclusive');
  });

  it('set-age fails one millisecond past the objective, and for the future', () => {
    const at = (ms: number) => new Date(asOf.getTime() - ms).toISOString();
    expect(checkSetAge('agama', at(hour), asOf, hour).outcome).to.equal('pass');
    expect(sentenceOf(checkSetAge('agama', at(2 * hour), asOf, hour))).to.equal(
      'agama: the newest backup is 2 h old, its objective is 1 h',
    );
    expect(checkSetAge('agama', at(hour + 1), asOf, hour).outcome).to.equal('fail');
    expect(sentenceOf(checkSetAge('agama', at(-1), asOf, hour))).to.match(/from the future/);
    const now = new Date(asOf.getTime() + 5_000);
    expect(checkSetAge('agama', at(-5_000), asOf, hour, now).outcome).to.equal('pass');
    expect(checkSetAge('agama', at(-5_001), asOf, hour, now).outcome).to.equal('fail');
  });

  it('rpo measures from the data instant', () => {
    const measured = measureRpo('2026-11-22T01:30:00.000Z', asOf);
    expect(measured).to.equal(1.5 * hour);
    expect(checkRpo('agama', measured, 2 * hour).outcome).to.equal('pass');
    expect(sentenceOf(checkRpo('agama', measured, hour))).to.equal(
      'agama: 1 h 30 m of the newest data would be lost, the objective is 1 h',
    );
  });

  it('rpo fails for a time without a restore point, with the grace that a backup needs for itself', () => {
    expect(graceMs(hour)).to.equal(hour / 10);
    expect(graceMs(24 * hour)).to.equal(hour / 4);
    expect(checkRpo('agama', 0, hour, hour + graceMs(hour)).outcome).to.equal('pass');
    expect(sentenceOf(checkRpo('agama', 0, hour, 3 * hour))).to.equal(
      'agama: since the last drill there was a time of 3 h without a restore point, the objective is 1 h',
    );
  });

  it('older points must come back, and in time', () => {
    const tried: ExcursionRecord = {
      ...{ reason: 'random', service: 'agama', set: 'backup-2026-11-22', member: 'incr-20261123T013000Z', members: 2 },
      ...{ dataAt: null, verdict: 'pass', sentence: '', usedMs: 5_000 },
    };
    expect(checkOlderPoints([tried], hour)).to.include({ outcome: 'pass', expected: 1, lookedAt: 1 });
    expect(checkOlderPoints([], hour).outcome).to.equal('inconclusive');
    const bad = checkOlderPoints([{ ...tried, verdict: 'fail', sentence: 'agama: a row is gone' }], hour);
    expect(sentenceOf(bad)).to.equal('agama: the older point incr-20261123T013000Z is not good: agama: a row is gone');
    expect(checkOlderPoints([{ ...tried, usedMs: hour + 1 }], hour).outcome).to.equal('fail');
    expect(checkOlderPoints([{ ...tried, verdict: 'inconclusive' }], hour).outcome).to.equal('inconclusive');
  });

  it('rto fails past the objective and does not believe 0 s', () => {
    expect(checkRto(48_300, 30 * 60_000, 4).outcome).to.equal('pass');
    expect(sentenceOf(checkRto(31 * 60_000, 30 * 60_000, 4))).to.equal('the restore took 31 m, the objective is 30 m');
    expect(checkRto(0, 30 * 60_000, 4).outcome).to.equal('inconclusive');
    expect(checkRto(null, 30 * 60_000, 4).outcome).to.equal('inconclusive');
  });

  it('rto does not believe a clock that went back', () => {
    const judged = checkRto(48_300, 30 * 60_000, 4, 1_500);
    expect(judged.outcome).to.equal('inconclusive');
    expect(sentenceOf(judged)).to.equal('the restore time was not measured: its clock went back by 1.5 s');
    expect(checkRto(31 * 60_000, 30 * 60_000, 4, 1_500).outcome).to.equal('fail');
  });

  it('freshness looks inside the data', () => {
    const dataAt = '2026-11-22T01:30:00.000Z';
    const newest = { at: '2026-11-19T01:30:00.000Z', basis: 'orders.created_at' };
    expect(checkFreshness('agama', newest, dataAt, 24 * hour).outcome).to.equal('fail');
    expect(checkFreshness('agama', newest, dataAt, null).outcome).to.equal('pass');
    expect(checkFreshness('agama', null, dataAt, 24 * hour).outcome).to.equal('inconclusive');
    expect(sentenceOf(checkFreshness('agama', newest, dataAt, hour))).to.match(/orders\.created_at.*is 3 d older/);
  });

  it('versions make a drill by another version prove nothing', () => {
    expect(checkVersions('agama', '9.7.4', '9.7.4', true).outcome).to.equal('pass');
    expect(checkVersions('agama', '8.4.3', '9.7.4', false).outcome).to.equal('inconclusive');
  });
});
