import { expect } from 'chai';
import fc from 'fast-check';
import { renderMail } from '../../../../src/report/mail/render-mail.ts';
import { renderHtml } from '../../../../src/report/render-html.ts';
import { anyJournal } from '../../../support/arbitrary-journal.ts';
import { demoJournal, failedDemoJournal } from '../../../support/demo-journal.ts';
import { plantedFault, restoreRecord, sampleJournal } from '../../../support/journal.ts';
import { strangeInMail } from '../../../support/mail-markup.ts';
import { drillsBefore, mailOrder } from '../../../support/mail-order.ts';

describe('renderMail', function () {
  this.timeout(60_000);

  it('says the same in HTML and in text, beginning with the first sentence', async () => {
    const { text, html, subject } = await renderMail(mailOrder(demoJournal(), { earlier: drillsBefore(1) }));
    expect(text).to.match(/^All is well: all 4 services/);
    for (const said of [
      '41.9',
      'agama',
      'Grafana (stand-in)',
      '49 of 49 checks passed.',
      'The drill before was on Sat 21 Nov',
    ]) {
      expect(text).to.contain(said);
      expect(html).to.contain(said);
    }
    expect(html).to.contain(`<title>${subject}</title>`);
  });

  it('shows what was found and what to type, at most five, and how many more', async () => {
    const findings = Array.from({ length: 9 }, (_, i) => ({
      sentence: `table t${i} differs`,
      next: 'firedrill verify',
    }));
    const { checks, ...failed } = failedDemoJournal();
    const first = checks.find((each) => each.outcome === 'fail');
    const journal = { ...failed, checks: first ? [{ ...first, findings }] : [] };
    const { text, html, urgent } = await renderMail(mailOrder(journal));
    expect(text.match(/table t\d differs/g)).to.have.length(5);
    expect(text).to.contain('and 4 more, which are not shown here');
    expect(html).to.match(/<code [^>]*>firedrill verify<\/code>/);
    expect(urgent).to.equal(true);
  });

  it('carries two charts that its HTML names, with their content in words', async () => {
    const { html, images } = await renderMail(mailOrder(demoJournal(), { earlier: drillsBefore(3) }));
    expect(images.map(({ cid }) => cid)).to.deep.equal(['restore-times@firedrill', 'data-losses@firedrill']);
    for (const { cid, png } of images) {
      expect(html).to.match(new RegExp(`src="cid:${cid}" width="520" alt="[^"]{20,}"`));
      expect(png.subarray(1, 4).toString()).to.equal('PNG');
      expect(png.length).to.be.within(3_000, 80_000);
    }
    expect(html).to.contain('agama: 44\u00a0m 59\u00a0s of 1\u00a0h allowed');
  });

  it('has the full report attached; a larger one lies where the mail says', async () => {
    const journal = demoJournal();
    const attached = await renderMail(mailOrder(journal));
    expect(attached.attachment?.filename).to.equal('20261122T021500Z-nightly.html');
    expect(attached.attachment?.content.toString()).to.equal(renderHtml(journal));
    expect(attached.text).to.contain('The full report is attached');
    const large = await renderMail(mailOrder(journal, { attachmentLimitBytes: 10 * 1024 }));
    expect(large.attachment).to.equal(null);
    expect(large.text).to.contain(
      'larger than 10.0 KiB, and not attached. It lies in /srv/reports/20261122T021500Z-nightly/report.html on backup1.',
    );
  });

  it('carries the hash of its receipt, and what became of the planted fault', async () => {
    const receipt = { number: 17, sha256: 'c4'.repeat(32) };
    const { text } = await renderMail(mailOrder(demoJournal({ planted: plantedFault() }), { receipt }));
    expect(text).to.contain(`receipt 17 of the ledger has the hash ${'c4'.repeat(32)}`);
    expect(text).to.contain('a copy of the backup of agama was spoiled on purpose: it was found out');
  });

  it('tells of a real restore; it is urgent unless the target holds what was backed up', async () => {
    const of = (outcome: 'restored' | 'differs') =>
      renderMail(mailOrder(sampleJournal({ restore: restoreRecord({ outcome }) })));
    expect(await of('restored')).to.include({ urgent: false });
    expect(await of('differs')).to.include({ urgent: true });
    expect((await of('restored')).images.map(({ cid }) => cid)).to.deep.equal(['data-losses@firedrill']);
  });

  it('lets no name become HTML, a header or a request', async () => {
    await fc.assert(
      fc.asyncProperty(anyJournal, async (journal) => {
        const { subject, html, attachment, images } = await renderMail(
          mailOrder(journal, { reportPath: '/<script>"\'' }),
        );
        expect(strangeInMail(html)).to.deep.equal([]);
        expect(subject + (attachment?.filename ?? '')).to.not.match(/[\r\n]/);
        for (const { png } of images) expect(png.length).to.be.greaterThan(1_000);
      }),
      { numRuns: 40 },
    );
  });
});
