import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scanForStop } from '../../../../src/engines/mysql/binlog/stop-point.ts';
import { summarizeBinlog } from '../../../../src/engines/mysql/binlog/summary.ts';
import {
  byServerClock,
  describeLog,
  differenceOf,
  holdsTransaction,
  logDiscontinuity,
  offsetIn,
  openXaOf,
  placeOf,
  successor,
} from '../../../../src/engines/mysql/log-position.ts';
import type { Manifest } from '../../../../src/model/manifest.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const folder = join(import.meta.dirname, '../../../../fixtures/mysql/binlog');
const uuid = '8c318035-e818-11f1-b448-78def221cea8';
const read = (file: string) => createReadStream(join(folder, file));
const logOf = async (file: string) => describeLog(await summarizeBinlog(read(file), file));

const end = { binlogFile: 'binlog.000001', binlogPosition: 500, gtidExecuted: `${uuid}:1-3` };
const full = {
  kind: 'full',
  id: 'full-20261122T013000Z',
  position: { ...end, lockMs: 1, clockAheadMs: 0 },
} as unknown as Manifest;
const next = { binlogFile: 'binlog.000004', binlogPosition: 197, gtidExecuted: `${uuid}:1-9` };

async function increment(change: (position: Record<string, unknown>) => void = () => {}): Promise<Manifest> {
  const logs = await Promise.all(['binlog.000001', 'binlog.000002', 'binlog.000003'].map(logOf));
  const gtidExecuted = `${uuid}:1-${logs.at(-1)?.gtids.replace(/^.*[:-]/, '')}`;
  const position = { ...next, gtidExecuted, lockMs: 1, clockAheadMs: 0, from: end, logs: logs as object[] };
  change(position);
  return { kind: 'incremental', id: 'incr-20261123T013000Z', position } as unknown as Manifest;
}

describe('positions of increments', () => {
  it('go on where the member before ended', async () => {
    expect(logDiscontinuity(full, await increment())).to.equal(undefined);
  });

  it('tell each kind of gap', async () => {
    const cases: [(position: Record<string, unknown>) => void, RegExp][] = [
      [
        (p) => Object.assign(p, { from: { ...end, binlogPosition: 501 } }),
        /^it begins at binlog\.000001:501, the other ended at binlog\.000001:500$/,
      ],
      [
        (p) => Object.assign(p, { from: { ...end, gtidExecuted: `${uuid}:1-2` } }),
        /^it begins after other transactions$/,
      ],
      [(p) => void (p.logs as unknown[]).shift(), /^its first log is binlog\.000002, binlog\.000001 is needed$/],
      [(p) => void (p.logs as unknown[]).splice(1, 1), /^binlog\.000003 comes after binlog\.000001 in it$/],
      [(p) => void (p.logs as unknown[]).pop(), /^binlog\.000004 comes after binlog\.000002 in it$/],
      [(p) => Object.assign(p, { binlogFile: null }), /^nothing comes after binlog\.000003 in it$/],
      [
        (p) => Object.assign(p, { gtidExecuted: `${uuid}:1-99` }),
        /^transactions 8c318035-.*-99 are in none of its logs$/,
      ],
      [
        (p) => Object.assign((p.logs as object[])[1] ?? {}, { previous: `${uuid}:1` }),
        /^binlog\.000002 does not begin after the transactions before it$/,
      ],
      [(p) => Object.assign(p, { logs: [] }), /^the position of incr-20261123T013000Z is not as it must be: logs/],
      [
        (p) => Object.assign((p.logs as object[])[0] ?? {}, { file: '../binlog.000001' }),
        /is not as it must be: logs\.0\.file/,
      ],
    ];
    for (const [change, sentence] of cases) expect(logDiscontinuity(full, await increment(change))).to.match(sentence);
  });

  it('hold a transaction that the member before does not have', async () => {
    const manifest = await increment();
    expect(holdsTransaction(manifest, `${uuid}:5`)).to.equal(true);
    // It is in the first log, but it is in the full, too.
    expect(holdsTransaction(manifest, `${uuid}:2`)).to.equal(false);
    expect(holdsTransaction(manifest, `${uuid}:999`)).to.equal(false);
    expect(holdsTransaction(full, `${uuid}:5`)).to.equal(false);
  });

  it('begin inside the first log only', async () => {
    const [first, second] = [await logOf('binlog.000001'), await logOf('binlog.000002')];
    expect(offsetIn(first, placeOf(full))).to.equal(500);
    expect(offsetIn(second, placeOf(full))).to.equal(0);
    expect(openXaOf(full)).to.deep.equal([]);
  });

  it('number logs as a server does', () => {
    expect(successor('binlog.000009')).to.equal('binlog.000010');
    expect(successor('my-host.bin.999999')).to.equal('my-host.bin.1000000');
  });

  it('move an instant to the clock of the server', () => {
    const at = new Date('2026-11-24T10:00:00.000Z');
    expect(byServerClock({ at }, -1500)?.at?.toISOString()).to.equal('2026-11-24T09:59:58.500Z');
    expect(byServerClock({ before: `${uuid}:1` }, 99)).to.deep.equal({ before: `${uuid}:1` });
  });
});

describe('differenceOf', () => {
  it('is none for the log that was captured', async () => {
    for (const file of ['binlog.000001', 'binlog.000002', 'binlog.000003'])
      expect(differenceOf(await logOf(file), await summarizeBinlog(read(file), 'x')), file).to.equal(undefined);
  });

  it('tells another log, even one of the same size and count', async () => {
    const log = await logOf('binlog.000002');
    const summary = await summarizeBinlog(read('binlog.000002'), 'x');
    const other = await summarizeBinlog(read('binlog.000001'), 'x');
    expect(differenceOf(log, other)?.sentence).to.match(
      /^binary log binlog\.000002 (?:is another one than was captured|holds)/,
    );
    expect(differenceOf(log, { ...summary, transactions: 3 })?.sentence).to.equal(
      'binary log binlog.000002 holds 3 transactions, 4 were captured',
    );
    expect(differenceOf(log, { ...summary, next: 'binlog.000009' })?.sentence).to.equal(
      'binary log binlog.000002 says that binlog.000009 comes next',
    );
    expect(differenceOf(log, { ...summary, firstCommitUs: 1 })?.sentence).to.equal(
      'binary log binlog.000002 is another one than was captured',
    );
  });
});

describe('scanForStop', () => {
  const scan = (target?: Parameters<typeof scanForStop>[2], from?: number) =>
    scanForStop(read('binlog.000002'), 'x', target, from);

  it('wants all of a log without a target', async () => {
    const { stop, endMarkAt, lastWantedUs, summary } = await scan();
    expect(stop).to.equal(null);
    expect(summary.transactions).to.equal(4);
    expect(lastWantedUs).to.equal(summary.lastCommitUs);
    expect(endMarkAt).to.be.greaterThan(6000).and.lessThan(summary.bytes);
  });

  it('stops before a transaction, and keeps whole milliseconds', async () => {
    const { stop, lastWantedUs } = await scan({ before: `${uuid.toUpperCase()}:7` });
    expect(stop).to.include({ gtid: `${uuid}:7`, committedAtUs: 1795532769578425 });
    expect(lastWantedUs).to.be.lessThan(1795532769578425);
    // 09.578425: what was committed within the millisecond that is named is wanted.
    const at = (ms: string) => scan({ at: new Date(`2026-11-24T15:06:09.${ms}Z`) });
    expect((await at('577')).stop?.gtid).to.equal(`${uuid}:7`);
    expect((await at('578')).stop?.gtid).to.equal(`${uuid}:8`);
    expect((await at('999')).stop).to.equal(null);
  });

  it('passes over what the full holds', async () => {
    const whole = await scan({ at: new Date(0) });
    expect(whole.stop?.gtid).to.equal(`${uuid}:5`);
    const later = await scan({ at: new Date(0) }, (whole.stop?.at ?? 0) + 1);
    expect(later.stop?.gtid).to.equal(`${uuid}:6`);
    expect(later.summary.transactions).to.equal(4);
  });

  it('needs the end mark', async () => {
    const cut = createReadStream(join(folder, 'binlog.000002'), { end: 6726 - 45 });
    expect(['ARTIFACT_FORMAT', 'ARTIFACT_INCOMPLETE']).to.include(
      ((await rejectionOf(scanForStop(cut, 'x', undefined))) as { code?: string }).code,
    );
  });
});
