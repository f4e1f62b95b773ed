import { duration } from './duration.ts';

/** How much of an objective was used, as numbers for a bar and as words. */
export interface ShareView {
  measured: string;
  objective: string;
  /** Widths in per cent of the bar. `limitPercent` is where the objective lies on it: 100 unless it was missed. */
  usedPercent: string;
  limitPercent: string;
  over: boolean;
  words: string;
}

/** Both in milliseconds. The bar reaches to the objective, or beyond it when it was missed. */
export function shareView(measuredMs: number, objectiveMs: number): ShareView {
  const over = measuredMs > objectiveMs;
  const wholeMs = Math.max(measuredMs, objectiveMs, 1);
  const percent = (ms: number) => ((100 * ms) / wholeMs).toFixed(2);
  return {
    measured: duration(measuredMs),
    objective: duration(objectiveMs),
    usedPercent: percent(measuredMs),
    limitPercent: percent(objectiveMs),
    over,
    words: over ? missedWords(measuredMs, objectiveMs) : keptWords(measuredMs, objectiveMs),
  };
}

function keptWords(measuredMs: number, objectiveMs: number): string {
  const spare = measuredMs === objectiveMs ? 'nothing' : duration(objectiveMs - measuredMs);
  return `${percentOf(measuredMs, objectiveMs)} of what is allowed; ${spare} to spare`;
}

function missedWords(measuredMs: number, objectiveMs: number): string {
  const late = duration(measuredMs - objectiveMs);
  return objectiveMs === 0
    ? `${late} too long`
    : `${late} too long: ${percentOf(measuredMs, objectiveMs)} of what is allowed`;
}

function percentOf(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  if (percent > 0 && percent < 1) return 'less than 1 %';
  // Never "100 %" for what is a little less or more.
  const rounded = percent < 100 ? Math.min(Math.round(percent), 99) : Math.ceil(percent);
  return `${rounded.toLocaleString('en-US')} %`;
}
