import { relative, resolve } from 'node:path';

/** A path for people: relative to where they are, when it lies beneath. */
export function shownPath(path: string): string {
  const from = relative(process.cwd(), resolve(path));
  return from.startsWith('..') ? resolve(path) : from;
}
