import { expect } from 'chai';
import { publicHalf, readSigningKey, signatureFault, signBody } from '../../../src/kit/signature.ts';
import { createSigningKey } from '../../../src/kit/signing-key.ts';

describe('signatureFault', () => {
  const key = readSigningKey(createSigningKey().privatePem);
  const trusted = [publicHalf(key)];
  const body = { format: 'note', text: 'a' };
  const signature = signBody(body, key);
  const faultOf = (value: string) => signatureFault(body, { ...signature, value }, trusted);

  it('finds none in what was signed, and one in anything else', () => {
    expect(signatureFault(body, signature, trusted)).to.equal(undefined);
    expect(signatureFault({ ...body, format: 'other' }, signature, trusted)).to.match(/does not fit its content$/);
    expect(signatureFault(body, signature, [])).to.match(/not among the trusted keys$/);
    expect(signatureFault({ ...body, text: '\ud800' } as typeof body, signature, trusted)).to.match(/no Unicode/);
  });

  it('takes one way to write it only: base64 that decodes to the same bytes is not what was sealed', () => {
    const { value } = signature;
    // 64 bytes: the last letter has four bits that mean nothing.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = letters[letters.indexOf(value.at(-3) ?? '') + 1];
    for (const same of [
      `${value.slice(0, -3)}${last}==`,
      value.slice(0, -2),
      ` ${value}`,
      value.replaceAll('/', '_'),
    ]) {
      expect(Buffer.from(same, 'base64')).to.deep.equal(Buffer.from(value, 'base64'));
      if (same !== value) expect(faultOf(same), same).to.match(/does not fit its content$/);
    }
  });
});
