import { expect } from 'chai';
import { fromClause, identifier } from '../../../../src/engines/influxdb/influxql.ts';

describe('a name in InfluxQL', () => {
  it('is quoted, whatever it holds', () => {
    expect(identifier('a "b" \\ c\nd')).to.equal('"a \\"b\\" \\\\ c\\nd"');
    expect(fromClause('eight weeks', 'cpu')).to.equal('"eight weeks"."cpu"');
  });

  it('is refused with a word of what is wrong where no query can hold it', () => {
    expect(() => identifier('a\r\nBcc: b'))
      .to.throw(/^no query can name a\\x0d\\x0aBcc: b: its name holds a carriage return$/)
      .with.property('code', 'SOURCE_UNSUITABLE');
  });
});
