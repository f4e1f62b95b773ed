import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';

/** Strings, quoted names, regular expressions after an operator, comments: whatever may hold words that mean nothing. */
const opaque = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?<=[=!]~\s*)\/(?:[^/\\]|\\.)*\/|--[^\n]*|\/\*[\s\S]*?\*\//g;

/**
 * TOOL_FAILED unless every statement of a text only reads. The text comes from a backup or a configuration: a dashboard could
 * drop what it is to show. An unclosed quote is no reading either: nobody knows where it ends.
 */
export function assertReads(text: string): void {
  const bare = text.replaceAll(opaque, ' ');
  const statements = bare.split(';').filter((each) => each.trim() !== '');
  const reads = statements.every((each) => /^\s*(SELECT|SHOW|EXPLAIN)\b/i.test(each) && !/\bINTO\b/i.test(each));
  if (reads && statements.length > 0 && !/['"]/.test(bare)) return;
  throw new FiredrillError('TOOL_FAILED', `only SELECT and SHOW are run, and not: ${plainLine(text, 120)}`);
}
