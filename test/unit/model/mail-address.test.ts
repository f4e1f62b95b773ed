import { expect } from 'chai';
import fc from 'fast-check';
import { parseMailAddress } from '../../../src/model/mail-address.ts';
import { hostileNames } from '../../support/hostile.ts';

describe('parseMailAddress', () => {
  it('takes an address alone, or behind the name of its owner', () => {
    const bare = { name: '', address: 'ops@example.com' };
    expect(parseMailAddress('ops@example.com')).to.deep.equal(bare);
    expect(parseMailAddress('<ops@example.com>')).to.deep.equal(bare);
    expect(parseMailAddress('Ops, all of them <ops@example.com>')?.name).to.equal('Ops, all of them');
    expect(parseMailAddress('"Ops" <ops@example.com>')?.name).to.equal('Ops');
  });

  it('takes letters of every language before and behind the @', () => {
    expect(parseMailAddress('Jürgen Õun <jürgen@bücher.example>')).to.deep.equal({
      name: 'Jürgen Õun',
      address: 'jürgen@bücher.example',
    });
  });

  const bad = [
    ...['', 'ops', 'ops@', '@example.com', 'a b@example.com', 'a@b@c', 'a@x.com, b@x.com', 'a@x.com;b@x.com'],
    ...[
      'a@x.com\r\nBcc: b@x.com',
      'N\r\nBcc: b@x.com <a@x.com>',
      'N\u2028 <a@x.com>',
      'a@x.com\0',
      'a<b@x.com',
      '<a@x.com',
    ],
    ...['N <a@x.com> b', '"a" b <a@x.com>', 'a@x.com>', '(c)a@x.com', `${'a'.repeat(65)}@x.com`, 'a\u202e@x.com'],
  ];
  for (const text of bad) {
    it(`takes no ${JSON.stringify(text.slice(0, 40))}`, () => {
      expect(parseMailAddress(text)).to.equal(undefined);
    });
  }

  it('lets nothing through that ends a header or a command', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostileNames));
    fc.assert(
      fc.property(text, text, (name, local) => {
        const parsed = parseMailAddress(`${name} <${local}@example.com>`);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for
        expect(JSON.stringify(parsed ?? '')).to.not.match(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\\[nr]/);
        expect(parsed?.address ?? '').to.not.match(/[\s<>,;"]/);
      }),
    );
  });
});
