import { expect } from 'chai';
import fc from 'fast-check';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { parseUntrustedJson } from '../../../src/kit/json.ts';

const parse = (text: string) => parseUntrustedJson(Buffer.from(text), 'the manifest');
const refusal = (text: string) => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof FiredrillError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('untrusted JSON', () => {
  it('is parsed as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).to.deep.equal(JSON.parse(text));
      }),
    );
  });

  it('is a SyntaxError when it is none', () => {
    for (const text of ['', '{', '"\\', '"', '[1,]', ']]]']) expect(() => parse(text), text).to.throw(SyntaxError);
  });

  it('is refused when it is nested too deeply, and brackets in texts do not count', () => {
    expect(parse(`${'['.repeat(100)}${']'.repeat(100)}`)).to.be.an('array');
    expect(parse(JSON.stringify(`${'['.repeat(500)}\\"${'{'.repeat(500)}`))).to.be.a('string');
    expect(refusal('['.repeat(101))).to.equal('LIMIT_EXCEEDED: the manifest is nested more than 100 deep');
  });

  it('is refused when it holds too many values, or an object too many members', () => {
    expect(refusal(`[${'0,'.repeat(4_000_000)}0]`)).to.match(/holds more than 4000000 values/);
    expect(parse(`[${'0,'.repeat(200_000)}0]`)).to.be.an('array');
    const members = Array.from({ length: 100_001 }, (_, i) => `"${i}":0`);
    expect(refusal(`{${members.join()}}`)).to.match(/has an object of more than 100000 members/);
    expect(parse(`[{${members.slice(1).join()}},{}]`)).to.have.length(2);
  });
});
