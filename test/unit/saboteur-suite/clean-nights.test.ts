import { expect } from 'chai';
import {
  alarmsOf,
  blindnessOf,
  type CleanNight,
  nightLine,
  totalsOfNights,
  warningsOf,
} from '../../saboteurs/clean-nights/judging.ts';
import { plantedFault, sampleJournal } from '../../support/journal.ts';
import { failed, passed, unclear } from '../../support/results.ts';

const { verdict, services } = sampleJournal();
const [service] = services;
const madeAt = new Date('2026-12-06T01:30:00Z');
const restored = (name: string, id: string) => ({
  ...(service as NonNullable<typeof service>),
  service: name,
  members: service?.members.slice(0, 1).map((each) => ({ ...each, id })) ?? [],
});
const ofTonight = ['agama', 'grafana'].map((name) => restored(name, 'full-20261206T013001Z'));
const night: CleanNight = { date: 'Sun 2026-12-06', alarms: [], blind: [], warnings: [], compared: [], seconds: 9 };

describe('a clean night', () => {
  it('has no false alarm when all passed, and one for each check that did not, whatever the verdict', () => {
    const pass = { ...verdict, verdict: 'pass' } as const;
    expect(alarmsOf({ verdict: pass, checks: [passed('rows')] })).to.deep.equal([]);
    const checks = [passed('rows'), failed('content', 'agama', 'agama: differs'), unclear('rto')];
    const alarms = alarmsOf({ verdict: { ...verdict, verdict: 'fail', sentence: 'agama is bad' }, checks });
    expect(alarms).to.have.length(3);
    expect(alarms[0]).to.equal('the verdict is fail: agama is bad');
    expect(alarms[1]).to.equal('fail content of agama: agama: differs');
    expect(alarmsOf({ verdict: pass, checks })).to.have.length(2);
  });

  it('tells warnings, which are no alarm', () => {
    const finding = { sentence: 'agama: unusual', severity: 'warning' as const };
    const checks = [{ ...passed('anomaly', 'agama'), findings: [finding] }];
    expect(warningsOf({ checks })).to.deep.equal(['anomaly: agama: unusual']);
    expect(alarmsOf({ verdict: { ...verdict, verdict: 'pass' }, checks })).to.deep.equal([]);
  });

  it('is blind when a service was not drilled, an older backup was, or no planted fault was found', () => {
    const names = ['agama', 'grafana'];
    const caught = plantedFault();
    expect(caught.caughtBy).to.not.equal(null);
    expect(blindnessOf({ services: ofTonight, planted: caught }, names, madeAt)).to.deep.equal([]);
    const blind = (journal: Partial<Parameters<typeof blindnessOf>[0]>) =>
      blindnessOf({ services: ofTonight, planted: caught, ...journal }, names, madeAt);
    expect(blind({ services: ofTonight.slice(0, 1) })).to.deep.equal(['grafana was not drilled']);
    const yesterday = [restored('agama', 'full-20261205T013001Z'), restored('grafana', 'incr-20261206T013001Z')];
    expect(blind({ services: yesterday })[0]).to.match(/^of agama not what this night made .* full-20261205T013001Z$/);
    expect(blind({ planted: null })).to.deep.equal(['no fault was planted']);
    expect(blind({ planted: { ...caught, caughtBy: null } })[0]).to.match(/^the planted fault was overlooked: /);
  });

  it('is counted, and shown with its reasons', () => {
    const alarm = { ...night, alarms: ['fail rows of agama: 2 rows'] };
    const blind = { ...night, blind: ['no fault was planted'] };
    const unusual = { ...night, warnings: ['anomaly: agama: unusual'] };
    expect(totalsOfNights([night, unusual])).to.deep.equal({
      line: '2 clean drills in a row: false alarms 0 of 2, blind 0, with warnings 1; 18 s',
      allWell: true,
    });
    expect(totalsOfNights([night, alarm]).allWell).to.equal(false);
    expect(totalsOfNights([night, alarm, blind]).line).to.match(/false alarms 1 of 3, blind 1,/);
    expect(totalsOfNights([blind]).allWell).to.equal(false);
    expect(nightLine(night)).to.equal('passed         9.0 s  Sun 2026-12-06');
    expect(nightLine(alarm)).to.match(/^FALSE ALARM .*\n +fail rows of agama: 2 rows$/);
    expect(nightLine(blind)).to.match(/^BLIND .*\n +no fault was planted$/);
    expect(nightLine(unusual)).to.match(/^passed .*\n +warning: anomaly: agama: unusual$/);
  });
});
