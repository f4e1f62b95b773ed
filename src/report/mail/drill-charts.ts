import { localDate, localDay } from '../../kit/local-time.ts';
import { type DrillSummary, summaryOf } from '../../model/drill-summary.ts';
import { type DataLoss, dataLossesChart, dataLossesSize } from '../chart/data-losses.ts';
import { renderPng } from '../chart/render-png.ts';
import { renderSvg } from '../chart/render-svg.ts';
import { restoreTimesChart, restoreTimesSize } from '../chart/restore-times.ts';
import { duration } from '../view/duration.ts';
import { nameOf } from '../view/untrusted.ts';
import type { MailImage, MailOrder } from './mail-order.ts';

/** As many as are told apart on a phone. */
const maxDrills = 14;
const maxServices = 12;

export interface MailChart {
  image: MailImage;
  /** For the template. */
  view: { title: string; cid: string; alt: string };
}

/** Of drills of the same name: others restore other services. null for a real restore. */
export async function timesChart({ journal, earlier, timeZone }: MailOrder): Promise<MailChart | null> {
  const own = summaryOf(journal);
  if (!own) return null;
  const alike = earlier.filter(({ name, ofNewestPoint }) => name === own.name && ofNewestPoint);
  return chartOfTimes([own, ...alike.slice(0, maxDrills - 1)].reverse(), timeZone);
}

/** Oldest first; at least one. */
export async function chartOfTimes(drills: readonly DrillSummary[], timeZone: string): Promise<MailChart> {
  const newest = drills.at(-1);
  const objectiveMs = newest?.rto.objectiveMs ?? 0;
  const day = ({ startedAt }: DrillSummary) => {
    const date = localDate(startedAt, timeZone);
    return localDay(date, date).replace(/^\S+ /, '');
  };
  const points = drills.map((each) => ({ label: day(each), verdict: each.verdict, usedMs: each.rto.usedMs }));
  const svg = await renderSvg(restoreTimesChart(points, objectiveMs), restoreTimesSize);
  const told = points
    .slice(-5)
    .map(({ label, usedMs }) => `${label} ${usedMs === null ? 'not all back' : duration(usedMs)}`);
  return {
    image: { cid: 'restore-times@firedrill', filename: 'restore-times.png', png: await renderPng(svg) },
    view: {
      title: 'Restore time of the last drills',
      cid: 'restore-times@firedrill',
      alt: `Restore times against the ${duration(objectiveMs)} that are allowed: ${told.join('; ')}`,
    },
  };
}

/** null where there is no service. */
export async function lossesChart({ journal }: MailOrder): Promise<MailChart | null> {
  const losses = journal.services.slice(0, maxServices).map(
    ({ service, readyMs, rpo }): DataLoss => ({
      service: nameOf(service),
      measuredMs: readyMs === null ? null : rpo.measuredMs,
      objectiveMs: rpo.objectiveMs,
    }),
  );
  if (losses.length === 0) return null;
  const svg = await renderSvg(dataLossesChart(losses), dataLossesSize(losses.length));
  return {
    image: { cid: 'data-losses@firedrill', filename: 'data-losses.png', png: await renderPng(svg) },
    view: {
      title: 'How much of the newest data would be lost',
      cid: 'data-losses@firedrill',
      alt: losses.map(lossWords).join('; '),
    },
  };
}

function lossWords({ service, measuredMs, objectiveMs }: DataLoss): string {
  return `${service}: ${measuredMs === null ? 'not known' : duration(measuredMs)} of ${duration(objectiveMs)} allowed`;
}
