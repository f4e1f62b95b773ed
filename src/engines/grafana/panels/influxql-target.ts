import { arrayOf, type JsonObject } from '../database/json-content.ts';

/** The query of one target of a panel, with its variables still in it: as it was typed, or made from the editor's parts. */
export function influxqlOf(target: JsonObject): string | undefined {
  const typed = typeof target.query === 'string' ? target.query.trim() : '';
  if (target.rawQuery === true || !target.measurement) return typed === '' ? undefined : typed;
  return built(target);
}

/** Like `influx_query_model.ts` of Grafana 7. */
function built(target: JsonObject): string {
  const groupBy = arrayOf(target.groupBy);
  const groups = groupBy.filter(({ type }) => type !== 'fill').map(group);
  const fill = groupBy.find(({ type }) => type === 'fill');
  return [
    `SELECT ${selects(target)} FROM ${from(target)} WHERE ${conditions(target)}$timeFilter`,
    groups.length > 0 ? `GROUP BY ${groups.join(', ')}` : '',
    fill ? `fill(${paramsOf(fill)[0] ?? 'null'})` : '',
    target.orderByTime === 'DESC' ? 'ORDER BY time DESC' : '',
    clause('LIMIT', target.limit),
    clause('SLIMIT', target.slimit),
    target.tz ? `tz('${String(target.tz).replaceAll("'", '')}')` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

const paramsOf = ({ params }: JsonObject): string[] => (Array.isArray(params) ? params.map(String) : []);

const clause = (word: string, n: unknown) => (/^\d+$/.test(String(n ?? '')) ? `${word} ${n}` : '');

/** A regular expression, a star or a quoted name stays as it is. */
function name(text: string): string {
  return text === '*' || isRegex(text) || /^".*"$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

const isRegex = (text: string) => /^\/.*\/$/s.test(text);

function selects({ select }: JsonObject): string {
  const columns = Array.isArray(select) ? select : [];
  const rendered = columns.map((parts) => arrayOf(parts).reduce(part, '')).filter((text) => text !== '');
  return rendered.length > 0 ? rendered.join(', ') : '*';
}

function part(inner: string, each: JsonObject): string {
  const params = paramsOf(each);
  const [first = ''] = params;
  switch (each.type) {
    case 'field':
    case 'tag':
      return name(first);
    case 'math':
      return `${inner} ${first}`;
    case 'alias':
      return `${inner} AS "${first.replaceAll(/["\\]/g, '\\$&')}"`;
    default:
      return `${each.type}(${[inner, ...params].join(', ')})`;
  }
}

function from({ policy, measurement }: JsonObject): string {
  const own = typeof policy === 'string' && policy !== '' && policy !== 'default' ? `${name(policy)}.` : '';
  return `${own}${name(String(measurement))}`;
}

function conditions({ tags }: JsonObject): string {
  const each = arrayOf(tags).map(({ key, operator, value, condition }, i) => {
    const text = String(value ?? '');
    const is = String(operator ?? (isRegex(text) ? '=~' : '='));
    const right = isRegex(text) || /^[<>]/.test(is) ? text : `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
    return `${i === 0 ? '' : `${condition === 'OR' ? 'OR' : 'AND'} `}${name(String(key))} ${is} ${right}`;
  });
  return each.length === 0 ? '' : `(${each.join(' ')}) AND `;
}

function group(each: JsonObject): string {
  const [first = ''] = paramsOf(each);
  if (each.type === 'time') return `time(${first === 'auto' ? '$__interval' : paramsOf(each).join(', ')})`;
  return first.endsWith('::tag') ? `${name(first.slice(0, -5))}::tag` : name(first);
}
