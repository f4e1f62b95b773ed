import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';

/** Strings, quoted names, regular expressions after an operator, comments: whatever may hold words that mean nothing. */
const opaque = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?<=[=!]~\s*)\/(?:[^/\\]|\\.)*\/|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Whether every statement of a text only reads. An unclosed quote is no reading: nobody knows where it ends. */
export function isReading(text: string): boolean {
  const bare = text.replaceAll(opaque, ' ');
  const statements = bare.split(';').filter((each) => each.trim() !== '');
  const reads = statements.every((each) => /^\s*(SELECT|SHOW|EXPLAIN)\b/i.test(each) && !/\bINTO\b/i.test(each));
  return reads && statements.length > 0 && !/['"]/.test(bare);
}

/** The same text, in which `now()` is an instant: the server's clock is ahead of its restored data. */
export function readingAt(text: string, now: Date): string {
  let rest = 0;
  let at = '';
  for (const found of text.matchAll(opaque)) {
    at += withNow(text.slice(rest, found.index), now) + found[0];
    rest = found.index + found[0].length;
  }
  return at + withNow(text.slice(rest), now);
}

const withNow = (text: string, now: Date) => text.replaceAll(/\bnow\(\s*\)/gi, `'${now.toISOString()}'`);

/**
 * TOOL_FAILED unless every statement of a text only reads. The text comes from a backup or a configuration: a dashboard could
 * drop what it is to show.
 */
export function assertReads(text: string): void {
  if (isReading(text)) return;
  throw new FiredrillError('TOOL_FAILED', `only SELECT and SHOW are run, and not: ${plainLine(text, 120)}`);
}
