import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Debian's promtool, where the set-up has put it, or on the PATH. */
export function promtoolPath(): string {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    join(process.env.FIREDRILL_STATE ?? join(root, '.firedrill'), 'bin'),
  ];
  const found = folders.map((folder) => join(folder, 'promtool')).find((path) => existsSync(path));
  if (!found) throw new Error('these tests need promtool; run: npm run set-up');
  return found;
}

/** Names of firedrill's metrics in an expression. */
export const metricsIn = (text: string): string[] => [...new Set(text.match(/\bfiredrill_[a-z_]+/g) ?? [])];

export interface Dashboard {
  panels: {
    id: number;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    targets: { expr: string; refId: string; datasource: { uid: string } }[];
  }[];
  templating: { list: { name: string; type: string }[] };
}

export const dashboard = (): Dashboard => JSON.parse(readFileSync(join(root, 'deploy/grafana/firedrill.json'), 'utf8'));

export const alertRules = (): string => readFileSync(join(root, 'deploy/prometheus/firedrill.rules.yml'), 'utf8');
