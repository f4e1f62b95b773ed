import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promtoolPath } from './prometheus.ts';
import { scratchFolder } from './scratch.ts';

const rules = join(import.meta.dirname, '../../deploy/prometheus/firedrill.rules.yml');
const stepMs = 300_000;

/** What there was to be scraped from an instant on, in the text format of Prometheus; null: nothing answered. */
export interface Scraped {
  at: string;
  text: string | null;
}

export interface Alarm {
  at: string;
  summary: string;
}

/**
 * When an alarm of the rules in `deploy/` rings, every five minutes from the first of `scraped` until `until`, as Debian's
 * promtool reckons it. It is told that none is expected, and its protests are what is returned.
 */
export async function alarmsOf(alertname: string, scraped: readonly Scraped[], until: string): Promise<Alarm[]> {
  await using scratch = await scratchFolder();
  // Its time begins with 1970.
  const beginMs = Date.parse(scraped[0]?.at ?? until);
  const steps = Math.floor((Date.parse(until) - beginMs) / stepMs);
  const asked = Array.from({ length: steps }, (_, i) => ({ eval_time: `${i * 5}m`, alertname, exp_alerts: [] }));
  const test = { interval: '5m', input_series: seriesOf(scraped, beginMs, steps), alert_rule_test: asked };
  const file = join(scratch.path, 'nights.json');
  // JSON is YAML, too.
  await writeFile(file, JSON.stringify({ rule_files: [rules], evaluation_interval: '5m', tests: [test] }));
  const { status, said } = await promtool(['test', 'rules', file]);
  const alarms = [...said.matchAll(protest)].map(([, after = '', got = '']) => ({
    at: new Date(beginMs + msOf(after)).toISOString(),
    summary: /summary="([^"]*)"/.exec(got)?.[1] ?? '',
  }));
  if ((status === 0) !== (alarms.length === 0)) throw new Error(`promtool could not reckon: ${said}`);
  return alarms;
}

const protest = /\btime: (\w+), \s+exp:\[\], \s+got:\[\n([\s\S]*?)\n\s+\]/g;

/** `1d16h5m`; as promtool writes it. */
function msOf(duration: string): number {
  const unitMs: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
  return [...duration.matchAll(/(\d+)([dhms])/g)].reduce(
    (ms, [, n, unit = '']) => ms + Number(n) * (unitMs[unit] ?? 0),
    0,
  );
}

async function promtool(args: readonly string[]) {
  const child = spawn(promtoolPath(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: status as number | null, said: out + err };
}

/** The values of each series in promtool's notation: `3x4` is 3, and four times more; `_` none. */
function seriesOf(scraped: readonly Scraped[], beginMs: number, steps: number) {
  const known = scraped.map(({ at, text }) => ({
    step: Math.ceil((Date.parse(at) - beginMs) / stepMs),
    samples: samplesOf(text, beginMs),
  }));
  const names = new Set(known.flatMap(({ samples }) => [...samples.keys()]));
  return [...names].map((series) => {
    const values = known.flatMap(({ step, samples }, i) => {
      const times = Math.min(known[i + 1]?.step ?? steps, steps) - step;
      const value = samples.get(series);
      if (times <= 0) return [];
      return value === undefined ? [`_x${times}`] : [times === 1 ? value : `${value}x${times - 1}`];
    });
    return { series, values: values.join(' ') };
  });
}

function samplesOf(metrics: string | null, beginMs: number): Map<string, string> {
  const lines = (metrics ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [series, value] = [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))];
      return [series, String(/_timestamp_seconds\b/.test(series) ? value - beginMs / 1_000 : value)];
    }),
  );
}
