import { expect } from 'chai';
import { type ExpireOrder, expire, planExpiryOf } from '../../../src/flow/expire.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { KnownManifests } from '../../../src/model/known-manifests.ts';
import type { DrilledService } from '../../../src/model/proof.ts';
import { openRecord } from '../../../src/vault/open-record.ts';
import { testActivity } from '../../support/activity.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { trusted } from '../../support/member.ts';

const activity = { ...testActivity(), clock: { ...systemClock, now: () => new Date('2026-11-30T00:00:00.000Z') } };

/** Three fulls, of which a drill has passed the newest; the oldest is a week and a half old. */
async function threeWeeks(retentionDays: number) {
  const fixture = await drillFixture();
  for (const day of ['20', '22', '29']) {
    await fixture.backUpAt('one', `2026-11-${day}T01:30:00.000Z`, 'the text', 'full');
  }
  const { members } = await fixture.vault.list();
  const newest = members.at(-1);
  if (!newest) throw new Error('nothing was backed up');
  const { record } = await openRecord(fixture.vault, newest, trusted);
  const drilled: DrilledService = {
    ...{ drill: 'a drill', vault: 'onsite', startedAt: '2026-11-29T02:00:00.000Z', service: 'one' },
    ...{ outcome: 'pass', ofNewestPoint: true, members: [{ ...newest, manifestSha256: record.manifestSha256 }] },
  };
  const order: ExpireOrder = { vault: fixture.vault, trusted, service: 'one', retentionDays, history: [drilled] };
  return {
    ...{ order, members },
    left: async () => (await fixture.vault.list()).members.map(({ id }) => id),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

const fates = ({ chains }: Awaited<ReturnType<typeof expire>>) => chains.map(({ fate }) => fate);

describe('expire', () => {
  it('plans the same from manifests that are known as from manifests that are opened', async () => {
    await using given = await threeWeeks(7);
    const known = new KnownManifests();
    const order = { ...given.order, known };
    const opened = await planExpiryOf(order, activity);
    expect(fates(opened)).to.deep.equal(['expire', 'expire', 'keep']);
    expect(await planExpiryOf(order, activity)).to.deep.equal(opened);
    expect(fates(await expire(order, activity))).to.deep.equal(['expire', 'expire', 'keep']);
    expect(await given.left()).to.deep.equal(['full-20261129T013000Z']);
  });

  it('removes nothing by what was known alone', async () => {
    await using given = await threeWeeks(56);
    const known = new KnownManifests();
    const order = { ...given.order, known };
    await planExpiryOf(order, activity);
    const [oldest] = given.members;
    if (!oldest) throw new Error('nothing was backed up');
    const { record } = await openRecord(given.order.vault, oldest, trusted, known);
    // A memory that is wrong in its own words, whatever has made it so.
    known.learn(oldest, { ...record, startedAt: '2016-11-20T01:30:00.000Z', dataAt: '2016-11-20T01:30:00.000Z' });
    expect(fates(await planExpiryOf(order, activity))).to.deep.equal(['expire', 'keep', 'keep']);
    expect(fates(await expire(order, activity))).to.deep.equal(['keep', 'keep', 'keep']);
    expect(await given.left()).to.have.length(3);
  });
});
