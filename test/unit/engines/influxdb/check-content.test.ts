import { Readable } from 'node:stream';
import { expect } from 'chai';
import { checkContent } from '../../../../src/engines/influxdb/check-content.ts';
import type { InfluxClient } from '../../../../src/engines/influxdb/client.ts';
import type { Facts } from '../../../../src/engines/influxdb/facts.ts';
import type { StartedServer } from '../../../../src/hosts/bay.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';

const hash = (letter: string) => letter.repeat(64);
const place = { policy: 'days', start: '2026-11-22T00:00:00Z', end: '2026-11-23T00:00:00Z' };
const facts = {
  database: 'telegraf',
  shards: [{ id: 9, ...place, files: [{ name: '000000001-000000001.tsm', bytes: 1, sha256: hash('a') }] }],
} as unknown as Facts;
const client = {
  query: async () => [
    {
      columns: ['id', 'database', 'retention_policy', 'start_time', 'end_time'],
      values: [[4, 'telegraf', ...Object.values(place)]],
    },
  ],
} as unknown as InfluxClient;

/** A server whose files are listed so, one look after the other; the last one stays. */
async function contentOf(...listings: (Record<string, string> | FiredrillError)[]) {
  let n = 0;
  const run = () => {
    const listing = listings[Math.min(n, listings.length - 1)] as Record<string, string> | FiredrillError;
    n += 1;
    const done = listing instanceof FiredrillError ? Promise.reject(listing) : Promise.resolve({ code: 0, stderr: '' });
    const lines = Object.entries(listing).map(([name, sha256]) => `${sha256}  ./days/4/${name}\0`);
    return { stdout: Readable.from([Buffer.from(listing instanceof FiredrillError ? '' : lines.join(''))]), done };
  };
  const server = { host: { run } } as unknown as StartedServer;
  const result = await checkContent('telegraf', facts, server, client, new AbortController().signal);
  return { result, looks: n };
}

const same = { '000000001-000000001.tsm': hash('a') };
const merged = { '000000001-000000002.tsm': hash('b') };
const gone = new FiredrillError('TOOL_FAILED', 'sha256sum: no such file');

describe('data files of a restored InfluxDB', () => {
  it('are those of the dump, or were merged since', async () => {
    expect(await contentOf(same)).to.deep.include({ looks: 1 });
    expect((await contentOf(same)).result.outcome).to.equal('pass');
    const { result } = await contentOf(merged);
    expect(result.comparisons).to.deep.equal([
      { what: 'data files, of which merged since', expected: '1', found: '1' },
    ]);
  });

  it('are looked at again when the server has just been merging them', async () => {
    for (const between of [{}, gone]) {
      const { result, looks } = await contentOf(between, merged);
      expect([result.outcome, looks]).to.deep.equal(['pass', 2]);
    }
  });

  it('fail when they stay away, or hold other bytes', async () => {
    const lost = await contentOf({});
    expect([lost.result.outcome, lost.looks]).to.deep.equal(['fail', 3]);
    expect(lost.result.findings[0]?.sentence).to.match(
      /data file 000000001-000000001\.tsm of shard 9 \(days\) is missing/,
    );
    const other = await contentOf({ '000000001-000000001.tsm': hash('c') });
    expect([other.result.outcome, other.looks]).to.deep.equal(['fail', 1]);
    expect(other.result.findings[0]?.sentence).to.match(/has other bytes than in the dump/);
  });

  it('cannot be judged when they cannot be listed', async () => {
    const error = await contentOf(gone).catch((each: unknown) => each);
    expect(error).to.include({ code: 'TOOL_FAILED' });
  });
});
