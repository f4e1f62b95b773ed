import type { VerdictWord } from '../../model/journal.ts';

/** Of charts on white. Told apart by people who see no red or green, too: they differ in lightness, and words say the same. */
export const verdictColours: Record<VerdictWord, string> = {
  pass: '#3b7dd8',
  fail: '#b3261e',
  inconclusive: '#9aa3ad',
};

export const ink = '#1f2933';
export const softInk = '#52606d';
export const grid = '#e4e7eb';
/** The line that must not be crossed. */
export const limit = '#b3261e';
