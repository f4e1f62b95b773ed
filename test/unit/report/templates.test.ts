import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { compileTemplate } from '../../../src/report/compile-template.ts';

const folder = join(import.meta.dirname, '../../../src/report/template');
const sources = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

describe('templates', () => {
  it('write nothing raw', () => {
    expect(sources.length).to.be.greaterThan(5);
    expect(sources.filter(({ text }) => /\{\{\{|\{\{&/.test(text)).map(({ name }) => name)).to.deep.equal([]);
  });

  it('hold no script, no handler and no address', () => {
    const wrong = sources.filter(({ text }) => /<script|\son[a-z]+="|https?:|url\(|@import/.test(text));
    expect(wrong.map(({ name }) => name)).to.deep.equal([]);
  });

  it('refuse a name that the view does not have', () => {
    expect(() => compileTemplate('{{missing}}')({ given: 1 })).to.throw(/missing/);
    expect(() => compileTemplate('{{a.missing}}')({ a: {} })).to.throw(/missing/);
  });

  it('read nothing from a prototype', () => {
    expect(compileTemplate('{{constructor}}{{toString}}')({})).to.equal('');
    const inherited = Object.create({ secret: 'from above' });
    expect(compileTemplate('{{inherited.secret}}')({ inherited })).to.equal('');
  });

  it('escape what could end a text or an attribute', () => {
    expect(compileTemplate('<a b="{{x}}">{{x}}</a>')({ x: `<&>"'` })).to.equal(
      '<a b="&lt;&amp;&gt;&quot;&#x27;">&lt;&amp;&gt;&quot;&#x27;</a>',
    );
  });
});
