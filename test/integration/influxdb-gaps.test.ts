import { expect } from 'chai';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { isWarning } from '../../src/model/check.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { startInfluxdb } from '../support/influxdb-source.ts';
import { dumpToMember } from '../support/member.ts';
import { withBay } from '../support/pod.ts';

const hourMs = 3_600_000;

describe('hours without points in InfluxDB', function () {
  this.timeout(120_000);

  it('are a warning where there usually are some, one for all measurements that lack them', async () => {
    await using influxdb = await startInfluxdb();
    await influxdb.query('CREATE DATABASE telegraf WITH DURATION INF SHARD DURATION 7d NAME days');
    const now = Math.floor(Date.now() / hourMs) * hourMs;
    const hoursAgo = Array.from({ length: 20 * 24 }, (_, i) => i);
    const lines = (name: string, has: (ago: number) => boolean) =>
      hoursAgo
        .filter(has)
        .flatMap((ago) => [5, 25].map((m) => `${name},host=a v=${ago} ${now - ago * hourMs - m * 60_000}000000`));
    // The source was down for five hours two days ago; one measurement is written by another one.
    const down = (ago: number) => ago < 50 || ago >= 55;
    await influxdb.write('telegraf', 'days', lines('cpu', down));
    await influxdb.write('telegraf', 'days', lines('mem', down));
    await influxdb.write(
      'telegraf',
      'days',
      lines('power', () => true),
    );
    await influxdb.write(
      'telegraf',
      'days',
      lines('nightly', (ago) => ago % 24 === 3),
    );
    await influxdb.write(
      'telegraf',
      'days',
      lines('ended', (ago) => ago >= 4),
    );
    await influxdb.write('telegraf', 'days', [
      `firedrill_heartbeat,service=telegraf id="x" ${now - 30 * hourMs}000000`,
    ]);
    await using sealed = await dumpToMember(influxdbEngine, influxdb.source());
    await withBay({ service: 'telegraf', image: images().influxdb }, async (bay) => {
      const { settings } = influxdb.source();
      const restored = await influxdbEngine.restore([sealed.member], bay, testActivity());
      const { results } = await influxdbEngine.check([sealed.member], restored, settings, testActivity());
      const rows = results.find(({ check }) => check === 'rows');
      expect(rows).to.include({ outcome: 'pass' });
      expect(rows?.lookedAt).to.equal(rows?.expected);
      expect(rows?.findings.every(isWarning)).to.equal(true);
      // An hour may have begun since.
      const since = Math.floor(Date.parse(sealed.member.manifest.dataAt) / hourMs) - now / hourMs;
      const from = new Date(now - 55 * hourMs).toISOString().slice(0, 13);
      expect(rows?.findings.map(({ sentence }) => sentence)).to.deep.equal([
        `telegraf: days.cpu (and 1 other measurement) has no point in the 5 hours from ${from}:00:00Z, where there usually are some: the source has a gap, or its dump`,
        `telegraf: days.ended has no point in the last ${4 + since} hours before the backup, where there usually are some: the source has a gap, or its dump`,
      ]);
    });
  });
});
