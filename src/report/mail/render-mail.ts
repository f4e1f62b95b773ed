import { compileTemplate } from '../compile-template.ts';
import { renderHtml } from '../render-html.ts';
import { lossesChart, timesChart } from './drill-charts.ts';
import type { MailContent, MailOrder } from './mail-order.ts';
import { mailText } from './mail-text.ts';
import { mailView } from './mail-view.ts';
import { drill, outcome } from './template/drill.ts';
import { bandTemplate, chart, foot, frame, tiles } from './template/frame.ts';

const partials = { band: bandTemplate, content: drill, chart, tiles, foot, outcome };
const render = compileTemplate(frame, partials);

/** The mail about one drill, or one real restore. Names from backups are untrusted: they can neither end a header nor be HTML. */
export async function renderMail(order: MailOrder): Promise<MailContent> {
  const { journal, attachmentLimitBytes } = order;
  const report = Buffer.from(renderHtml(journal));
  const isAttached = report.length <= attachmentLimitBytes;
  const view = mailView(order, isAttached);
  const times = await timesChart(order);
  const losses = await lossesChart(order);
  return {
    subject: view.subject,
    text: mailText(view),
    html: render({ ...view, times: times?.view ?? null, losses: losses?.view ?? null }),
    images: [times, losses].flatMap((each) => (each ? [each.image] : [])),
    attachment: isAttached ? { filename: `${journal.drill.id}.html`, content: report } : null,
    urgent: journal.restore ? journal.restore.outcome !== 'restored' : journal.verdict.verdict !== 'pass',
  };
}
