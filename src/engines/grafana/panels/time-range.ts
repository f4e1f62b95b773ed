import { isObject, type JsonObject } from '../database/json-content.ts';

export interface TimeRange {
  fromMs: number;
  toMs: number;
}

const unitMs: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 30 * 86_400_000,
  y: 365 * 86_400_000,
};
const defaultMs = 6 * 3_600_000;

/**
 * The range that a panel shows, as if it were opened at `until`: the dashboard's own, or the panel's where it has one, moved
 * where it is shifted. Never beyond `until`: what came later is not in the backup.
 */
export function rangeOf(dashboard: JsonObject, panel: JsonObject, until: Date): TimeRange {
  const nowMs = until.getTime();
  const time = isObject(dashboard.time) ? dashboard.time : {};
  const ownMs = durationOf(panel.timeFrom);
  const range = ownMs === undefined ? { from: time.from, to: time.to } : { from: `now-${panel.timeFrom}`, to: 'now' };
  const shiftMs = durationOf(panel.timeShift) ?? 0;
  const toMs = Math.min(instantOf(range.to, nowMs) ?? nowMs, nowMs) - shiftMs;
  const fromMs = (instantOf(range.from, nowMs) ?? nowMs - defaultMs) - shiftMs;
  return fromMs < toMs ? { fromMs, toMs } : { fromMs: toMs - defaultMs, toMs };
}

/** `now-6h`, `now/d`, `now-1d/d`, an instant, or milliseconds. Rounded to the beginning of a unit, in UTC. */
function instantOf(text: unknown, nowMs: number): number | undefined {
  const [whole, steps = '', , rounding] = /^now((?:[+-]\d+[smhdwMy])*)(\/([smhdwMy]))?$/.exec(String(text)) ?? [];
  if (whole === undefined) return absoluteOf(text);
  let ms = nowMs;
  for (const [, sign, n, unit = ''] of steps.matchAll(/([+-])(\d+)([smhdwMy])/g)) {
    ms += (sign === '-' ? -1 : 1) * Number(n) * (unitMs[unit] ?? 0);
  }
  return rounding === undefined ? ms : beginningOf(ms, rounding);
}

function absoluteOf(text: unknown): number | undefined {
  const ms = /^\d+$/.test(String(text)) ? Number(text) : Date.parse(String(text));
  return Number.isNaN(ms) ? undefined : ms;
}

function beginningOf(ms: number, unit: string): number {
  const date = new Date(ms);
  if (unit === 'y') return Date.UTC(date.getUTCFullYear(), 0);
  if (unit === 'M') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  const days = unit === 'w' ? date.getUTCDay() * 86_400_000 : 0;
  return Math.floor((ms - days) / (unitMs[unit === 'w' ? 'd' : unit] ?? 1)) * (unitMs[unit === 'w' ? 'd' : unit] ?? 1);
}

/** `1h` → milliseconds; undefined when it is no such duration. */
export function durationOf(text: unknown): number | undefined {
  const [, n, unit = ''] = /^(\d+)([smhdwMy])$/.exec(String(text ?? '')) ?? [];
  return n === undefined ? undefined : Number(n) * (unitMs[unit] ?? 0);
}
