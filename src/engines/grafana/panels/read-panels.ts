import { plainLine } from '../../../kit/text.ts';
import { type GrafanaDatabase, textOf } from '../database/grafana-database.ts';
import { arrayOf, type JsonObject, parseObject } from '../database/json-content.ts';
import { type DataSource, type DataSources, readDataSources } from './data-sources.ts';
import { influxqlOf } from './influxql-target.ts';
import { panelsOf } from './panels-of.ts';
import { durationOf, rangeOf, type TimeRange } from './time-range.ts';
import { interpolate, type Variable, variablesOf } from './variables.ts';

/** What one target of a panel asks. */
export type Question =
  | { kind: 'influxql'; source: DataSource; statement: (until: Date) => string }
  | { kind: 'other'; type: string }
  | { kind: 'dangling'; name: string };

/** A panel that asks something. */
export interface Panel {
  /** `1/nginx/39`: organisation, dashboard, panel. */
  id: string;
  organisation: number;
  /** `dashboard nginx of organisation 1`, as the semantic check calls it. Untrusted. */
  dashboard: string;
  title: string;
  questions: Question[];
}

/** Every panel of every dashboard that asks a data source, in the order of the dashboards. */
export function* readPanels(db: GrafanaDatabase): Generator<Panel> {
  const sourcesOf = readDataSources(db);
  const kept = db.hasColumn('dashboard', 'deleted') ? 'AND deleted IS NULL' : '';
  for (const row of db.each(`SELECT org_id, uid, data FROM dashboard WHERE NOT is_folder ${kept} ORDER BY id`)) {
    const organisation = Number(row.org_id);
    const dashboard = parseObject(textOf(row.data));
    // What is no JSON is the semantic check's.
    if (!dashboard) continue;
    const place = { organisation, uid: textOf(row.uid) };
    for (const panel of panelsOf(dashboard)) yield* asking(panel, dashboard, sourcesOf(organisation), place);
  }
}

function* asking(
  panel: JsonObject,
  dashboard: JsonObject,
  sources: DataSources,
  { organisation, uid }: { organisation: number; uid: string },
): Generator<Panel> {
  const variables = variablesOf(dashboard);
  const targets = arrayOf(panel.targets).filter(({ hide }) => hide !== true);
  const questions = targets.flatMap((target) => question(target, panel, dashboard, sources, variables));
  if (questions.length === 0) return;
  const id = `${organisation}/${uid}/${panel.id}`;
  const name = `dashboard ${uid} of organisation ${organisation}`;
  yield { id, organisation, dashboard: name, title: plainLine(String(panel.title ?? ''), 100), questions };
}

function question(
  target: JsonObject,
  panel: JsonObject,
  dashboard: JsonObject,
  sources: DataSources,
  variables: ReadonlyMap<string, Variable>,
): Question[] {
  const own = sources.resolve(panel.datasource, variables);
  const resolved = own.kind === 'mixed' ? sources.resolve(target.datasource, variables) : own;
  if (resolved.kind === 'missing') return [{ kind: 'dangling', name: resolved.name }];
  if (resolved.kind !== 'source') return [];
  const { source } = resolved;
  if (!source.influxql) return [{ kind: 'other', type: source.type }];
  const query = influxqlOf(target);
  if (query === undefined) return [];
  const statement = (until: Date) => {
    const range = rangeOf(dashboard, panel, until);
    return interpolate(query, variables, builtIns(range, intervalMs(range, panel, source)));
  };
  return [{ kind: 'influxql', source, statement }];
}

/** About as many points as a panel shows; never finer than the panel or its data source allows. */
function intervalMs({ fromMs, toMs }: TimeRange, panel: JsonObject, { minInterval }: DataSource): number {
  const least = [panel.interval, minInterval].map((text) => durationOf(String(text ?? '').replace(/^>/, '')) ?? 0);
  const seconds = Math.ceil(Math.max((toMs - fromMs) / 500, 1_000, ...least) / 1_000);
  return seconds * 1_000;
}

function builtIns({ fromMs, toMs }: TimeRange, ms: number): Record<string, string> {
  const timeFilter = `time >= ${fromMs}ms and time <= ${toMs}ms`;
  const interval = `${ms / 1_000}s`;
  const seconds = Math.round((toMs - fromMs) / 1_000);
  return {
    timeFilter,
    __timeFilter: timeFilter,
    interval,
    __interval: interval,
    __interval_ms: String(ms),
    __range: `${seconds}s`,
    __range_s: String(seconds),
    __range_ms: String(toMs - fromMs),
    __from: String(fromMs),
    __to: String(toMs),
  };
}
