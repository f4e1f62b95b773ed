import { parseArgs } from 'node:util';
import { type Shape, shapes } from './mysql-data.ts';

export const engines = ['mysql', 'influxdb'] as const;

export interface PeersOptions {
  engines: readonly (typeof engines)[number][];
  gib: number;
  shape: Shape;
  points: number;
  rounds: number;
  seed: number;
  /** Ids of contestants; empty: all. */
  only: readonly string[];
  /** Whether the README's table is written. */
  write: boolean;
}

export const peersUsage =
  '[peers] [--engine mysql|influxdb] [--gib 0.2] [--shape few|many|wide|blobs] [--points 1m] [--rounds 3] [--seed 1] [--only plain,firedrill] [--write]';

const options = {
  engine: { type: 'string' },
  gib: { type: 'string', default: '0.2' },
  shape: { type: 'string', default: 'few' },
  points: { type: 'string', default: '1m' },
  rounds: { type: 'string', default: '3' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string', default: '' },
  write: { type: 'boolean', default: false },
} as const;

/** Throws an error for people when an option makes no sense. */
export function peersOptions(args: readonly string[]): PeersOptions {
  const { values } = parseArgs({ args: [...args], options });
  const shape = shapes.find((each) => each === values.shape);
  if (!shape) throw new Error(`--shape is one of ${shapes.join(', ')}, not: ${values.shape}`);
  const chosen = engines.filter((each) => values.engine === undefined || each === values.engine);
  if (chosen.length === 0) throw new Error(`--engine is one of ${engines.join(', ')}, not: ${values.engine}`);
  return {
    engines: chosen,
    shape,
    gib: inRange('gib', Number(values.gib), 0.001, 1000),
    points: inRange('points', pointsIn(values.points), 1000, 1e9),
    rounds: inRange('rounds', whole(values.rounds), 1, 100),
    seed: inRange('seed', whole(values.seed), 0, 2 ** 32),
    only: values.only.split(',').filter((each) => each !== ''),
    write: values.write,
  };
}

function inRange(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new Error(`--${name} takes a number from ${min} to ${max}`);
}

const whole = (text: string) => (/^\d{1,12}$/.test(text) ? Number(text) : Number.NaN);

/** `200k`, `10m`, or a number. */
function pointsIn(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})([km]?)$/i.exec(text) ?? [];
  if (digits === '') return Number.NaN;
  return Number(digits) * ({ k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1);
}
