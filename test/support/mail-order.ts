import { type DrillSummary, summaryOf } from '../../src/model/drill-summary.ts';
import type { Journal } from '../../src/model/journal.ts';
import type { MailOrder } from '../../src/report/mail/mail-order.ts';
import { demoJournal } from './demo-journal.ts';

const dayMs = 86_400_000;

/** Summaries of drills on the days before the demo's, newest first; `change` makes others of them. */
export function drillsBefore(n: number, change: (index: number) => Partial<DrillSummary> = () => ({})): DrillSummary[] {
  const summary = summaryOf(demoJournal());
  if (!summary) return [];
  return Array.from({ length: n }, (_, i) => {
    const shifted = (instant: string) => new Date(Date.parse(instant) - (i + 1) * dayMs).toISOString();
    const services = summary.services.map((each) => ({ ...each, dataAt: shifted(each.dataAt ?? summary.startedAt) }));
    const startedAt = shifted(summary.startedAt);
    return { ...summary, id: `before-${i + 1}`, startedAt, services, ...change(i) };
  });
}

/** The mail about a drill of the demo. */
export const mailOrder = (journal: Journal, change: Partial<MailOrder> = {}): MailOrder => ({
  journal,
  earlier: [],
  timeZone: 'UTC',
  responsible: 'the administrator',
  attachmentLimitBytes: 10 * 1024 ** 2,
  reportPath: '/srv/reports/20261122T021500Z-nightly/report.html',
  receipt: null,
  ...change,
});
