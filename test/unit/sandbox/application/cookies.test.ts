import { expect } from 'chai';
import { Cookies } from '../../../../src/sandbox/application/cookies.ts';

describe('cookies of an application', () => {
  it('are sent back, the newest value of each, and not those that are over', () => {
    const cookies = new Cookies();
    expect(cookies.header()).to.equal(undefined);
    cookies.keep(['session=abc; Path=/; HttpOnly', 'theme=dark']);
    cookies.keep(['session=def', 'theme=; Max-Age=0']);
    expect(cookies.header()).to.equal('session=def');
  });

  it('are bounded, and none of them breaks a header', () => {
    const cookies = new Cookies();
    cookies.keep(['evil=a\r\nX: y', 'no value', '=x', `long=${'x'.repeat(5_000)}`]);
    expect(cookies.header()).to.equal(undefined);
    cookies.keep(Array.from({ length: 200 }, (_, i) => `c${i}=${i}`));
    expect(cookies.header()?.split('; ')).to.have.length(50);
  });
});
