import { localDate, localDay } from '../../kit/local-time.ts';
import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import type { IndexedDrill } from '../../model/indexed-drill.ts';
import { type ChartImage, chartImage } from '../chart/chart-image.ts';
import { partsIn, partsTrendChart } from '../chart/parts-trend.ts';
import { restoreTrendChart, trendSize } from '../chart/restore-trend.ts';
import { type VolumeTrend, volumeSize, volumeTrendChart } from '../chart/volume-trend.ts';
import { duration } from './duration.ts';
import { forecastWords } from './forecast-view.ts';
import { restoreTrendOf, type Series, type ServiceVolumes, volumesOf } from './trends.ts';
import { line, nameOf } from './untrusted.ts';

const maxServices = 12;

export interface SeriesView {
  title: string;
  drills: string;
  forecast: string;
  times: ChartImage;
  parts: ChartImage | null;
  /** For the legend. */
  phases: string[];
  services: { service: string; size: ChartImage | null; rows: ChartImage | null }[];
  rest: string;
}

/** Charts and words of one series. */
export async function seriesView(series: Series<IndexedDrill>, timeZone: string): Promise<SeriesView> {
  const [newest] = series;
  const { short, long } = daysIn(timeZone);
  const { forecast, times, parts } = restoreTrendOf(series, short);
  const phases = partsIn(parts.points);
  const volumes = volumesOf(series);
  return {
    title: `${line(newest.name)}, from the vault ${line(newest.vault)}`,
    drills: count(series.length, 'drill'),
    forecast: forecastWords(forecast, newest.rto.objectiveMs, long),
    times: await chartImage((scheme) => restoreTrendChart(times, scheme), trendSize, timesWords(series)),
    parts:
      phases.length === 0
        ? null
        : await chartImage((scheme) => partsTrendChart(parts, scheme), trendSize, partsWords(newest)),
    phases,
    services: await Promise.all(volumes.slice(0, maxServices).map((each) => volumeView(each, short))),
    rest:
      volumes.length > maxServices ? `and ${count(volumes.length - maxServices, 'more service')}, not drawn here` : '',
  };
}

function daysIn(timeZone: string) {
  const dateOf = (ms: number) => localDate(new Date(ms).toISOString(), timeZone);
  return {
    short: (ms: number) => localDay(dateOf(ms), dateOf(ms)).replace(/^\S+ /, ''),
    long: (ms: number) => localDay(dateOf(ms), '0000').replace(/^\S+ /, ''),
  };
}

function timesWords(series: Series<IndexedDrill>): string {
  const [newest] = series;
  const used = series.flatMap(({ rto }) => (rto.usedMs === null ? [] : [rto.usedMs]));
  const allowed = `${duration(newest.rto.objectiveMs)} are allowed`;
  if (used.length === 0) return `No drill reached a restore time; ${allowed}`;
  const last = newest.rto.usedMs === null ? 'not reached' : duration(newest.rto.usedMs);
  const range = `between ${duration(Math.min(...used))} and ${duration(Math.max(...used))}`;
  return `Restore times of ${count(series.length, 'drill')}, ${range}, the newest ${last}; ${allowed}`;
}

function partsWords({ parts }: IndexedDrill): string {
  const words = Object.entries(parts ?? {}).map(([part, ms]) => `${part} ${duration(ms)}`);
  return `What the restore time goes into; in the newest drill: ${words.join(', ') || 'not reached'}`;
}

async function volumeView({ service, bytes, rows }: ServiceVolumes, dayOf: (ms: number) => string) {
  const name = nameOf(service);
  return {
    service: name,
    size: await volumeImage(`size of ${name}`, { points: bytes, words: axisBytes, base: 1024, dayOf }, formatBytes),
    rows: await volumeImage(`rows of ${name}`, { points: rows, words: shortNumber, base: 1000, dayOf }, wholeNumber),
  };
}

/** null when nothing was measured. */
async function volumeImage(what: string, trend: VolumeTrend, words: (n: number) => string): Promise<ChartImage | null> {
  const known = trend.points.flatMap(({ value }) => (value === null ? [] : [value]));
  const newest = known.at(-1);
  if (newest === undefined) return null;
  const alt = `${what}: from ${words(Math.min(...known))} to ${words(Math.max(...known))}, at last ${words(newest)}`;
  return chartImage((scheme) => volumeTrendChart(trend, scheme), volumeSize, alt);
}

/** `50 MiB`, without the `.0` of round values. */
const axisBytes = (n: number) => (n === 0 ? '0' : formatBytes(n).replace('.0 ', ' '));
const wholeNumber = (n: number) => n.toLocaleString('en-US');

/** `5.4 m`, where there is little room. */
function shortNumber(n: number): string {
  if (n >= 1e9) return `${Number((n / 1e9).toPrecision(3))} bn`;
  if (n >= 1e6) return `${Number((n / 1e6).toPrecision(3))} m`;
  return Number.isInteger(n) ? n.toLocaleString('en-US') : '';
}
