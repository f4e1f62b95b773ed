/** The user's own checks: questions that are asked of what was restored, and what the answers are held to. Plain data. */

export type Scalar = string | number | boolean | null;

/** All that is given must hold. */
export interface Expectation {
  /** The first value of the answer: a number by its value, anything else by its text. */
  equals?: string | number | boolean | undefined;
  /** Of the first value, which must be a number. */
  min?: number | undefined;
  max?: number | undefined;
  /** How many rows the answer has. */
  rows?: number | undefined;
  /** A text that stands anywhere in the answer. */
  contains?: string | undefined;
}

export interface OwnCheck {
  /** As the configuration names it. */
  name: string;
  /** In the engine's own form. */
  question: unknown;
  expectation: Expectation;
  /** The answer may take so long. */
  withinMs: number;
}

/** Of longer answers no more is read. */
export const maxAnswerRows = 1_000;

/** A larger answer is none: it is read no further, and nothing in it is believed. */
export const maxAnswerBytes = 16 * 1024 * 1024;

/** What came back. Untrusted. */
export interface Answer {
  /** How many rows there are, at most `maxAnswerRows` + 1; null where the answer has none to count. */
  rows: number | null;
  /** undefined: there is no value. */
  first: Scalar | undefined;
  /** All of it, for `contains`. */
  text: string;
}

/** An answer in rows: the first value, a line for each row. */
export function answerOfRows(rows: readonly (readonly Scalar[])[]): Answer {
  const text = rows.map((row) => row.map((value) => value ?? 'NULL').join('\t')).join('\n');
  return { rows: rows.length, first: rows[0]?.[0], text };
}
