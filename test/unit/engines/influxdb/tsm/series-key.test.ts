import { expect } from 'chai';
import { parseSeriesKey } from '../../../../../src/engines/influxdb/tsm/series-key.ts';

describe('a TSM key', () => {
  const cases: [string, ReturnType<typeof parseSeriesKey>][] = [
    ['cpu#!~#usage', { measurement: 'cpu', tagKeys: [], field: 'usage' }],
    ['cpu,cpu=0,host=a#!~#usage', { measurement: 'cpu', tagKeys: ['cpu', 'host'], field: 'usage' }],
    [
      'we\\ ird\\,me"as,ta\\ g\\=k=v\\,x,z=ü#!~#fi e,ld',
      { measurement: 'we ird,me"as', tagKeys: ['ta g=k', 'z'], field: 'fi e,ld' },
    ],
    ['m,t=a\\=b=c#!~##!~#', { measurement: 'm', tagKeys: ['t'], field: '#!~#' }],
    ['no field', { measurement: 'no field', tagKeys: [], field: '' }],
    ['', { measurement: '', tagKeys: [], field: '' }],
  ];
  for (const [key, expected] of cases) {
    it(`is taken apart: ${key}`, () => expect(parseSeriesKey(Buffer.from(key))).to.deep.equal(expected));
  }
});
