/** What a TSM key says. */
export interface SeriesKey {
  measurement: string;
  tagKeys: string[];
  field: string;
}

const separator = '#!~#';

/** `cpu,host=a#!~#usage` → measurement, tag keys, field. Commas, spaces and equals signs are escaped by a backslash. */
export function parseSeriesKey(key: Buffer): SeriesKey {
  const text = key.toString('utf8');
  const end = text.indexOf(separator);
  const series = end < 0 ? text : text.slice(0, end);
  const [measurement = '', ...tags] = splitUnescaped(series, ',');
  return {
    measurement: measurement.replaceAll(/\\([,= ])/g, '$1'),
    tagKeys: tags.map((tag) => (splitUnescaped(tag, '=')[0] ?? '').replaceAll(/\\([,= ])/g, '$1')),
    field: end < 0 ? '' : text.slice(end + separator.length),
  };
}

function splitUnescaped(text: string, at: ',' | '='): string[] {
  if (!text.includes('\\')) return text.split(at);
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] !== at || text[i - 1] === '\\') continue;
    parts.push(text.slice(from, i));
    from = i + 1;
  }
  return [...parts, text.slice(from)];
}
