import { expect } from 'chai';
import fc from 'fast-check';
import type { Journal } from '../../../src/model/journal.ts';
import { renderHtml } from '../../../src/report/render-html.ts';
import { anyJournal } from '../../support/arbitrary-journal.ts';
import { failedDemoJournal } from '../../support/demo-journal.ts';
import { hostileNames } from '../../support/hostile.ts';
import { strangeMarkup, textOf } from '../../support/markup.ts';

/** The journal with every text in it replaced, where the schema has no word to say. */
function everyTextBecomes(journal: Journal, text: string): Journal {
  const kept = new Set(['check', 'outcome', 'verdict', 'phase', 'kind', 'id', 'expected', 'startedAt', 'service']);
  const replaced = JSON.stringify(journal, (key, value) =>
    typeof value === 'string' && !kept.has(key) ? text : value,
  );
  return JSON.parse(replaced);
}

describe('renderHtml, with untrusted text', () => {
  for (const name of hostileNames) {
    it(`lets ${JSON.stringify(name.slice(0, 40))} be text and nothing else`, () => {
      const html = renderHtml(everyTextBecomes(failedDemoJournal(), name));
      expect(strangeMarkup(html)).to.deep.equal([]);
    });
  }

  it('shows what is not text, so that nobody is misled', () => {
    const text = textOf(renderHtml(everyTextBecomes(failedDemoJournal(), 'a\u202eb\u001b[2J\r\nBcc: c')));
    expect(text).to.contain('a\\x202eb\\x1b[2J\\x0d');
    expect(text).to.match(/\\x0d\\x0aBcc: c/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be left
    expect(text).to.not.match(/[\u0000-\u0008\u001b\u202a-\u202e\u2066-\u2069]/);
  });

  it('keeps the lines of a tool, each of them harmless', () => {
    const journal = failedDemoJournal();
    journal.checks
      .find((each) => each.check === 'rows' && each.service === 'agama')
      ?.findings.push({
        sentence: 'the load failed',
        found: 'ERROR 1062\nat line 7\u001b[0m',
      });
    expect(renderHtml(journal)).to.contain('<dd class="pre">ERROR 1062\nat line 7\\x1b[0m</dd>');
  });

  it('finds what slips through: the assertion itself works', () => {
    const html = renderHtml(failedDemoJournal());
    expect(strangeMarkup(html)).to.deep.equal([]);
    const inserts = ['<img src="x">', '<b onclick="x">', '<script>', 'a < b', '<b style="x">', "it's"];
    for (const insert of inserts) expect(strangeMarkup(html.replace('</main>', `${insert}</main>`))).to.have.length(1);
  });

  it('renders any journal, and escapes it', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        const html = renderHtml(journal);
        expect(strangeMarkup(html)).to.deep.equal([]);
        expect(html).to.not.match(/NaN|Infinity|undefined|\[object/);
      }),
      { numRuns: 150 },
    );
  });
});
