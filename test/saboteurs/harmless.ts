import type { Journal } from '../../src/model/journal.ts';
import { subjectOf } from '../../src/report/mail/subject.ts';
import { renderAnnotations } from '../../src/report/render-annotations.ts';
import { renderHtml } from '../../src/report/render-html.ts';
import { renderJunit } from '../../src/report/render-junit.ts';
import { renderMetrics } from '../../src/report/render-metrics.ts';
import { renderSummary } from '../../src/report/render-summary.ts';
import { renderText } from '../../src/report/render-text.ts';
import { strangeMarkup } from '../support/markup.ts';

/** In terminals, and in lines that something else reads. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What a name inside a backup could do to whoever reads of it, in each form of the report; empty: nothing. */
export async function harmsOf(journal: Journal): Promise<string[]> {
  const mail = { journal, earlier: [], timeZone: 'UTC', responsible: '', reportPath: '', receipt: null };
  const lines = {
    text: renderText(journal),
    annotations: renderAnnotations(journal),
    summary: renderSummary(journal),
    junit: renderJunit(journal),
    metrics: await renderMetrics(journal),
    subject: subjectOf({ ...mail, attachmentLimitBytes: 0 }),
  };
  const harms = strangeMarkup(renderHtml(journal)).map((what) => `in the page: ${what}`);
  for (const [form, text] of Object.entries(lines)) {
    const sign = control.exec(text)?.[0];
    if (sign !== undefined) harms.push(`the ${form} has a control character ${JSON.stringify(sign)}`);
    if (/^Bcc:/m.test(text)) harms.push(`the ${form} has a line of the backup's own`);
    if (['summary', 'junit'].includes(form) && /<img|<script/i.test(text))
      harms.push(`the ${form} has markup of the backup`);
  }
  if (lines.subject.includes('\n')) harms.push('the subject has more than one line');
  return harms;
}
