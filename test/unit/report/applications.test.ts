import { expect } from 'chai';
import { firstSentence } from '../../../src/report/mail/first-sentence.ts';
import { renderHtml } from '../../../src/report/render-html.ts';
import { renderJunit } from '../../../src/report/render-junit.ts';
import { renderSummary } from '../../../src/report/render-summary.ts';
import { renderText } from '../../../src/report/render-text.ts';
import { demoJournal, triedDemoJournal } from '../../support/demo-journal.ts';
import { mailOrder } from '../../support/mail-order.ts';

const works = triedDemoJournal(true);
const idle = triedDemoJournal(false);

describe('an application on the report', () => {
  it('stands in the text, with how long it took', () => {
    expect(renderText(works)).to.contain(
      '\nApplication todo: works on the restored data, ready after 1.2 s, 3 of 3 steps taken\n',
    );
    const lines = renderText(idle).split('\n');
    expect(lines[0]).to.match(
      /^FAIL: The restored data passed its checks, and the application does not work on it: todo/,
    );
    expect(lines).to.include('FAILED application: todo: step 3, GET /, did not answer as it must');
    expect(renderText(demoJournal())).to.not.contain('Application');
  });

  it('has a section of its own, a lane on the timeline and its checks, and is no service', () => {
    const html = renderHtml(idle);
    expect(html).to.contain('<h2 id="applications">Does it work?</h2>');
    expect(html).to.contain('It does not work on the restored data: 3 of 3 steps taken.');
    expect(html).to.match(/class="p-application"/);
    expect(html).to.match(/<b class="untrusted">todo<\/b><span class="soft"><\/span>/);
    expect(html).to.contain('todo <span class="soft">(an application)</span>');
    expect(html).to.contain('of the applications only these were started: todo.');
    expect(html).to.contain('&lt;title&gt;Agama');
    expect(html.match(/<article class="service">/g)).to.have.length(4 + 1 + 4);
    expect(renderHtml(demoJournal())).to.not.contain('id="applications"');
  });

  it('is a suite of JUnit, and a line of the summary', () => {
    expect(renderJunit(idle)).to.match(/<testsuite name="todo" tests="1" failures="1"/);
    expect(renderSummary(works)).to.contain('Application todo&#58; works on the restored data');
  });

  it('is told in the first sentence of the mail when it does not work, and the backups are not blamed', () => {
    expect(firstSentence(mailOrder(works))).to.match(/^All is well: /);
    expect(firstSentence(mailOrder(idle))).to.match(
      /^Not all is well: each of the 4 services can be restored to .*, but todo does not work on it; .* must look into it today/,
    );
  });
});
