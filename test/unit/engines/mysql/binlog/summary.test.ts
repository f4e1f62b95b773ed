import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { readBinlog } from '../../../../../src/engines/mysql/binlog/events.ts';
import { summarizeBinlog } from '../../../../../src/engines/mysql/binlog/summary.ts';
import { isFiredrillError } from '../../../../../src/kit/errors.ts';
import { rejectionOf } from '../../../../support/rejection.ts';

const uuid = '8c318035-e818-11f1-b448-78def221cea8';
const folder = join(import.meta.dirname, '../../../../../fixtures/mysql/binlog');
const logs = ['binlog.000001', 'binlog.000002', 'binlog.000003'].map((name) => readFileSync(join(folder, name)));
const [first, second, third] = logs as [Buffer, Buffer, Buffer];

/** In pieces of `size` bytes: events lie across their borders. */
const stream = (bytes: Buffer, size = 61) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
    { objectMode: false },
  );
const summarize = (bytes: Buffer, size?: number) => summarizeBinlog(stream(bytes, size), 'binlog.000001');
const eventsOf = (bytes: Buffer) => Array.fromAsync(readBinlog(stream(bytes, 4096), 'x'));

describe('summarizeBinlog', () => {
  it('reads what a real server wrote', async () => {
    const summary = await summarize(second);
    expect(summary).to.include({ bytes: 6726, serverVersion: '9.7.4-2', transactions: 4, anonymous: 0 });
    expect(summary).to.include({ next: 'binlog.000003', firstCommitUs: 1795532769570180 });
    expect([`${summary.previous}`, `${summary.gtids}`]).to.deep.equal([`${uuid}:1-4`, `${uuid}:5-8`]);
  });

  it('sees that logs follow one another', async () => {
    const [one, two, three] = await Promise.all(logs.map((log) => summarize(log)));
    expect(one?.previous.isEmpty).to.equal(true);
    expect(one?.gtids.union(one.previous).equals(two?.previous ?? one.previous)).to.equal(true);
    expect(two?.gtids.union(two.previous).equals(three?.previous ?? two.previous)).to.equal(true);
  });

  it('reads the same whatever the pieces (property)', async () => {
    const whole = await summarize(third, third.length);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2000 }), async (size) => {
        expect(JSON.stringify(await summarize(third, size))).to.equal(JSON.stringify(whole));
      }),
      { numRuns: 20 },
    );
  });

  it('notices each flipped bit (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: first.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
        const flipped = Buffer.from(first);
        flipped.writeUInt8((flipped[at] ?? 0) ^ (1 << bit), at);
        const open = at >= 21 && at <= 22;
        const error = await rejectionOf(summarize(flipped)).catch(() => undefined);
        // The flag "still open" in the first event's header is left out of its checksum: by MySQL, too.
        if (!(open && error === undefined)) expect(isFiredrillError(error), `byte ${at} bit ${bit}`).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });

  it('calls a log that ends inside an event damaged, and one that ends between two incomplete', async () => {
    const events = await eventsOf(first);
    const between = events.map((event) => event.at).filter((at) => at > 4);
    for (const at of between) {
      expect(await rejectionOf(summarize(first.subarray(0, at)))).to.have.property('code', 'ARTIFACT_INCOMPLETE');
      expect(await rejectionOf(summarize(first.subarray(0, at + 7)))).to.have.property('code', 'ARTIFACT_FORMAT');
    }
  });

  it('says of an encrypted log that it is one', async () => {
    const encrypted = Buffer.concat([Buffer.from([0xfd]), first.subarray(1)]);
    expect(`${await rejectionOf(summarize(encrypted))}`).to.contain('it is encrypted; only the server can read it');
  });

  it('refuses what is no binary log', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('-- MySQL dump'), Buffer.from([0xfe, 0x62, 0x69, 0x6e])]) {
      expect(await rejectionOf(summarize(bytes))).to.have.property('code', 'ARTIFACT_FORMAT');
    }
  });
});
