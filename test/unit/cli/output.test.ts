import { expect } from 'chai';
import { table } from '../../../src/cli/output.ts';

describe('table', () => {
  it('aligns columns and makes control characters visible', () => {
    expect(
      table([
        ['SET', 'NAME'],
        ['a', 'x\u001b[2J'],
        ['longer', 'y'],
      ]),
    ).to.equal('SET     NAME\na       x\\x1b[2J\nlonger  y');
    expect(table([])).to.equal('');
  });
});
