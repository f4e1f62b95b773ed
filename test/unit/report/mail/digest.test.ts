import { expect } from 'chai';
import type { DrillSummary } from '../../../../src/model/drill-summary.ts';
import { type DigestOrder, digestView, weekFrom, weekOf } from '../../../../src/report/mail/digest-view.ts';
import { renderDigest } from '../../../../src/report/mail/render-digest.ts';
import { hostileNames } from '../../../support/hostile.ts';
import { strangeInMail } from '../../../support/mail-markup.ts';
import { drillsBefore } from '../../../support/mail-order.ts';

/** Of drills at 02:15 UTC on 21 November and each day before, newest first. */
const order = (drills: readonly DrillSummary[], change: Partial<DigestOrder> = {}): DigestOrder => ({
  ...{
    lastDay: '2026-11-21',
    drills,
    notMailed: [],
    timeZone: 'UTC',
    responsible: 'Jaan',
    reportsFolder: '/srv/reports',
  },
  ...change,
});

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('the digest of a week', function () {
  this.timeout(20_000);

  it('says of a good week that it was one', async () => {
    const { subject, text, urgent } = await renderDigest(order(drillsBefore(7)));
    expect(subject).to.equal('WEEK to Sat 21 Nov: 7/7 days drilled · 7 pass · slowest 41.9s of 30m');
    expect(plain(text)).to.match(
      /^A good week: a drill passed on each of the seven days; the slowest restore took 41\.9 s of the 30 m that are allowed\.\n\nGOOD WEEK · Sun 15 Nov to Sat 21 Nov 2026 \(UTC\)/,
    );
    expect(urgent).to.equal(false);
  });

  it('names each day without a drill: silence is no good news', async () => {
    const drills = drillsBefore(7).filter((_, i) => i !== 1 && i !== 4);
    const { subject, text, html, urgent } = await renderDigest(order(drills));
    expect(subject).to.equal(
      'WEEK to Sat 21 Nov: 5/7 days drilled · 5 pass · slowest 41.9s of 30m · no drill on Tue 17 Nov, Fri 20 Nov',
    );
    expect(text).to.match(
      /^Not a good week: there was no drill on Tue 17 Nov, Fri 20 Nov; the newest drill, of Sat 21 Nov, ended with pass; Jaan must look into it\./,
    );
    expect(text.match(/: no drill/g)).to.have.length(2);
    expect(html.match(/no drill</g)).to.have.length(2);
    expect(urgent).to.equal(true);
  });

  it('counts no drill of an older moment for a day', () => {
    const drills = drillsBefore(7, (i) => ({ ofNewestPoint: i !== 3 }));
    expect(weekFrom(order(drills)).silent).to.deep.equal(['2026-11-18']);
  });

  it('tells what did not pass, and on which days', () => {
    const drills = drillsBefore(7, (i) =>
      i === 2 ? { verdict: 'fail', rto: { objectiveMs: 1_800_000, usedMs: null } } : {},
    );
    const view = digestView(order(drills));
    expect(view.sentence).to.match(/^Not a good week: 1 drill did not pass \(Thu 19 Nov\); the newest drill/);
    expect(view.subject).to.contain('6 pass, 1 fail');
    expect(view.days[4]?.rows[0]).to.include({ word: 'failed', used: 'not all back' });
    const unclear = digestView(order(drillsBefore(7, () => ({ verdict: 'inconclusive' }))));
    expect(unclear).to.include({ word: 'NOT ALL KNOWN', isUnclear: true });
  });

  it('knows a day by the clock of the people who read', () => {
    const drills = drillsBefore(7, (i) => ({ startedAt: `2026-11-${21 - i}T22:30:00.000Z` }));
    expect(weekFrom(order(drills)).silent).to.deep.equal([]);
    expect(weekFrom(order(drills, { timeZone: 'Europe/Tallinn' })).silent).to.deep.equal(['2026-11-15']);
  });

  it('tells of each service to when it was proven, and of planted faults how many were found', async () => {
    const drills = drillsBefore(9, (i) => {
      const [summary] = drillsBefore(1);
      const services = summary?.services.map((each) => ({ ...each, outcome: 'fail' as const })) ?? [];
      return i < 2 ? { services, plantedCaught: i === 0 } : {};
    });
    const { text } = await renderDigest(order(drills));
    expect(text).to.contain('- agama: newest drill failed; proven until Thu 19 Nov, 01:30');
    expect(plain(text)).to.contain('Planted faults found: 1 of 2');
  });

  it('says whose mail was not accepted, and of a day with many drills the last ones', async () => {
    const many = Array.from({ length: 12 }, () => drillsBefore(1)).flat();
    const { text } = await renderDigest(
      order([...many, ...drillsBefore(7).slice(1)], { notMailed: ['20261118T021500Z-nightly'] }),
    );
    expect(text).to.contain('The mail about 1 drill was not accepted for everybody: 20261118T021500Z-nightly.');
    expect(text.match(/- Sat 21 Nov/g)).to.have.length(8);
    expect(text).to.contain('4 further drills of these days are not shown here.');
  });

  it('has a mail for a week of which nothing is known', async () => {
    const { subject, text, images } = await renderDigest(order([]));
    expect(subject).to.equal('WEEK to Sat 21 Nov: 0/7 days drilled · no verdict · no drill on 7 days');
    expect(text).to.contain('nothing was proven');
    expect(images).to.deep.equal([]);
  });

  it('spans months, and nights of clock changes', () => {
    expect(weekOf('2026-11-01')).to.equal('2026-10-26/2026-11-01');
    expect(weekOf('2026-03-31')).to.equal('2026-03-25/2026-03-31');
  });

  it('lets no name become HTML or a header', async () => {
    const drills = hostileNames.flatMap((name) =>
      drillsBefore(1).map((each) => ({
        ...each,
        name,
        services: [{ service: name, outcome: 'pass' as const, dataAt: null }],
      })),
    );
    const { subject, html } = await renderDigest(
      order(drills, { notMailed: [...hostileNames], reportsFolder: '<b>', responsible: '<i>' }),
    );
    expect(strangeInMail(html)).to.deep.equal([]);
    expect(subject).to.not.match(/[\r\n]/);
  });
});
