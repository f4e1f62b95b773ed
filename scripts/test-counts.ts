/** What mocha counted. `planned` is the number of tests before the first one ran. */
export interface Counts {
  planned: number;
  passes: number;
  /** Failed tests and failed hooks. */
  failures: number;
  pending: number;
}

/** A failed test or hook: its full title, and the error with its stack. */
export interface Failed {
  title: string;
  why: string;
}

export interface Verdict {
  passed: number;
  failed: number;
  note: string | null;
}

export function sumOf(all: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => all.reduce((total, each) => total + each[key], 0);
  return { planned: sum('planned'), passes: sum('passes'), failures: sum('failures'), pending: sum('pending') };
}

/** A test that was skipped, or never reached because a hook failed, did not pass: it has failed. */
export function verdictOf(counts: Counts): Verdict {
  const failed = Math.max(
    counts.failures + counts.pending,
    counts.planned - counts.passes,
    counts.planned === 0 ? 1 : 0,
  );
  const notes = [
    counts.planned === 0 && 'there was no test to run',
    counts.pending > 0 && `${counts.pending} skipped, which counts as failed`,
    failed > counts.failures + counts.pending && counts.planned > 0 && 'tests that were not reached count as failed',
  ].filter((note) => note !== false);
  return { passed: counts.passes, failed, note: notes.join('; ') || null };
}

const shownOfAFailure = 3_000;

/** Said once more at the end, since a log of thousands of lines is often kept, and read, from its end. */
export function failuresOf(title: string, failed: readonly Failed[]): string {
  return failed
    .map((each) => `failed: ${title}: ${each.title}\n${indent(each.why.slice(0, shownOfAFailure))}\n`)
    .join('');
}

const indent = (text: string) => text.replaceAll(/^/gm, '  ');

export const lastLine = ({ passed, failed }: Verdict) => `${passed} passed, ${failed} failed`;
