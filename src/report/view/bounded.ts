/** The first of many, and how many were left out: a report stays readable whatever a backup holds. */
export interface Bounded<T> {
  shown: T[];
  leftOut: number;
  /** `leftOut` as a sentence; empty when nothing is left out. */
  rest: string;
}

/** `more` are those that were counted but never kept. Only what is shown is made into a row. */
export function bounded<T, R>(items: readonly T[], max: number, toRow: (item: T) => R, more = 0): Bounded<R> {
  const shown = items.slice(0, max).map(toRow);
  const leftOut = items.length - shown.length + more;
  const rest = leftOut === 0 ? '' : `and ${leftOut.toLocaleString('en-US')} more, which are not shown here`;
  return { shown, leftOut, rest };
}
