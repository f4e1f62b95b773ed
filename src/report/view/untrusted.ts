import { plainLine } from '../../kit/text.ts';

/** Longest text of one cell; what is longer is cut with an ellipsis, the journal has it whole. */
const maxChars = 400;
const maxLines = 8;

/** Untrusted text on one line. Escaping for HTML is the templates' work, and theirs alone. */
export const line = (text: string): string => plainLine(text, maxChars);

/** The verdict names each service that failed, and what of it can still be restored: it is cut much later. */
export const sentence = (text: string): string => plainLine(text, 2000);

/** Untrusted prose as its paragraphs: an empty line parts them, and where a line was broken says nothing. */
export const paragraphs = (text: string): string[] =>
  text
    .trim()
    .split(/\n\s*\n/)
    .map((each) => sentence(each.replaceAll(/\s*\n\s*/g, ' ')));

/** A name that somebody else chose: never nothing, because a heading stands on it. */
export const nameOf = (text: string): string => line(text) || '(no name)';

/** Untrusted text of several lines, such as a tool's last words: each harmless, at most the last eight. */
export function lines(text: string): string {
  return text.trimEnd().split('\n').slice(-maxLines).map(line).join('\n');
}

/** `2026-11-22T01:30:01.000Z` → `2026-11-22 01:30:01 UTC`; what is no instant stays as it is. */
export function instant(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) || Number.isNaN(Date.parse(text))) return line(text);
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
}
