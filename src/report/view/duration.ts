import { formatDuration } from '../../kit/units.ts';

/** As people say it, and never broken at the end of a line: a lone `m` tells nothing. */
export const duration = (ms: number): string => together(formatDuration(ms));

/** Keeps numbers and their units of time together. */
export function together(text: string): string {
  return text.replaceAll(/(\d) (?=(?:d|h|m|s)\b)/g, '$1\u00a0');
}
