import { arrayOf, isObject, type JsonObject } from '../database/json-content.ts';

/** A template variable of a dashboard, with what is chosen in it: what the dashboard shows when it is opened. */
export interface Variable {
  name: string;
  type: string;
  /** As text of a query: one value as it is, several as a group of a regular expression, all as what matches all. */
  text: string;
  values: readonly string[];
}

const all = '$__all';
const matchesAll = '.*';

export function variablesOf(dashboard: JsonObject): Map<string, Variable> {
  const list = isObject(dashboard.templating) ? arrayOf(dashboard.templating.list) : [];
  return new Map(list.map((each) => [String(each.name), variableOf(each)]));
}

function variableOf(raw: JsonObject): Variable {
  const values = chosenValues(raw);
  return { name: String(raw.name), type: String(raw.type), values, text: textOf(raw, values) };
}

function chosenValues({ current, query, type, options }: JsonObject): string[] {
  const value = isObject(current) ? current.value : undefined;
  const chosen = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string' && each !== '');
  if (chosen.length > 0) return chosen.map(String);
  const given = arrayOf(options).map((each) => String(each.value));
  if (given[0] !== undefined) return [given[0]];
  // Only a query to the data source could tell: everything it might answer.
  if (type === 'query' || typeof query !== 'string') return [all];
  return type === 'custom' || type === 'interval' ? [query.split(',')[0]?.trim() ?? ''] : [query];
}

function textOf({ allValue, multi, includeAll }: JsonObject, values: readonly string[]): string {
  if (values.includes(all)) return typeof allValue === 'string' && allValue !== '' ? allValue : matchesAll;
  // As Grafana does for InfluxDB: what may be several is a regular expression, also when it is one.
  if (multi !== true && includeAll !== true) return values[0] ?? '';
  const escaped = values.map((each) => each.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
}

/** `$name`, `${name}`, `${name:format}`, `[[name]]`, `[[name:format]]`. */
const reference = /\$(\w+)|\$\{(\w+)(?:\.[^:^}]+)?(?::([^}]+))?\}|\[\[(\w+)(?::(\w+))?\]\]/g;

/** Puts values into a text; a name that neither `variables` nor `builtIn` knows stays as it is. */
export function interpolate(
  text: string,
  variables: ReadonlyMap<string, Variable>,
  builtIn: Readonly<Record<string, string>>,
): string {
  return text.replaceAll(reference, (whole, plain, braced, format, squared, squaredFormat) => {
    const name: string = plain ?? braced ?? squared;
    const variable = variables.get(name);
    if (variable) return interpolate(formatted(variable, format ?? squaredFormat), new Map(), builtIn);
    // The interval variable `x` may be left to Grafana: then its value is `$__auto_interval_x`.
    const known = name.startsWith('__auto_interval') ? '__interval' : name;
    return Object.hasOwn(builtIn, known) ? (builtIn[known] ?? whole) : whole;
  });
}

function formatted({ text, values }: Variable, format: string | undefined): string {
  if (values.includes(all)) return text;
  if (format === 'csv' || format === 'raw') return values.join();
  if (format === 'pipe') return values.join('|');
  if (format === 'singlequote') return values.map((each) => `'${each}'`).join();
  return format === 'doublequote' ? values.map((each) => `"${each}"`).join() : text;
}
