import { expect } from 'chai';
import { parseTombstones } from '../../../../../src/engines/influxdb/tsm/tombstones.ts';
import { rejectionOf } from '../../../../support/rejection.ts';
import { tombstoneFile } from '../../../../support/tsm-bytes.ts';

const ranges = [
  { key: 'cpu,host=ä#!~#usage', min: -5n, max: 7n },
  { key: 'cpu,host=ä#!~#usage', min: 9n, max: 2n ** 62n },
  { key: 'mem#!~#free', min: 0n, max: 0n },
];

describe('tombstones', () => {
  for (const version of [2, 3, 4] as const) {
    it(`are read from files of version ${version}`, async () => {
      const found = await parseTombstones(tombstoneFile(ranges, version));
      const key = Buffer.from('cpu,host=ä#!~#usage').toString('latin1');
      expect([...found.keys()]).to.deep.equal([key, 'mem#!~#free']);
      expect(found.get(key)).to.deep.equal([
        { min: -5n, max: 7n },
        { min: 9n, max: 2n ** 62n },
      ]);
    });
  }

  it('may be none', async () => {
    expect((await parseTombstones(tombstoneFile([], 4))).size).to.equal(0);
    expect((await parseTombstones(tombstoneFile([], 2))).size).to.equal(0);
  });

  const refusals: [string, Buffer, RegExp][] = [
    ['an empty file', Buffer.alloc(0), /too short/],
    ['an unknown version', Buffer.from([0, 0, 0x15, 9]), /unknown version/],
    ['one that breaks off', tombstoneFile(ranges, 2).subarray(0, -1), /breaks off/],
    ['a cut gzip stream', tombstoneFile(ranges, 3).subarray(0, -9), /does not decode/],
    ['a key that is longer than the file', Buffer.from([0, 0, 0x15, 2, 0xff, 0xff, 0xff, 0xff, 1]), /breaks off/],
  ];
  for (const [what, bytes, why] of refusals) {
    it(`refuses ${what}`, async () => {
      const error = await rejectionOf(parseTombstones(bytes));
      expect(error.code).to.equal('ARTIFACT_FORMAT');
      expect(error.message).to.match(why);
    });
  }
});
