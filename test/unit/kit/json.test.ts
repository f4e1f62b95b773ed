import { expect } from 'chai';
import fc from 'fast-check';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { canonicalBytes, canonicalJson, parseUntrustedJson } from '../../../src/kit/json.ts';

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

describe('canonical bytes', () => {
  const one = (value: object) => {
    expect(canonicalBytes(value).toString()).to.equal(canonicalJson(value));
  };

  it('are those of the canonical text (property)', () => {
    const member = fc.oneof(fc.jsonValue({ maxDepth: 5 }), fc.constant(undefined));
    const object = fc.dictionary(fc.string({ unit: 'grapheme' }), member, { noNullPrototype: true });
    fc.assert(fc.property(fc.oneof(object, fc.array(fc.jsonValue({ maxDepth: 5 }))), one));
  });

  it('are those of the canonical text, however long it is', () => {
    const tables = Array.from({ length: 20_000 }, (_, i) => ({ name: `t${i}`, rows: i, also: ['€', '😀', null] }));
    one({ facts: { tables, none: [], nothing: {} }, artifacts: tables, empty: undefined });
    one([]);
    one({});
    one({ only: undefined });
  });

  it('are refused where the canonical text is', () => {
    for (const bad of [Number.NaN, '\ud800']) {
      expect(() => canonicalBytes({ a: [{ b: bad }] })).to.throw();
      expect(() => canonicalBytes({ [String(bad)]: bad })).to.throw();
    }
  });
});
