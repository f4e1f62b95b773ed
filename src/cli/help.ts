import type { ExitStatus } from '../kit/errors.ts';

const meanings: Record<ExitStatus, string> = {
  0: 'all is well',
  1: 'the harness failed: something could not be done or reached',
  2: 'wrong usage or configuration',
  3: 'the backup is not good',
  4: 'inconclusive: the backup could not be looked at, which is no word about it',
  10: 'no such set: the vault holds no backup of it',
  11: 'locked by another run',
  130: 'interrupted; nothing was left behind',
};

/** The part of a command's help about exit statuses, with a command's own words where they say more. */
export function statuses(...those: (ExitStatus | [ExitStatus, string])[]): string {
  const lines = those.map((each) => (typeof each === 'number' ? ([each, meanings[each]] as const) : each));
  return `\nExit status:\n${lines.map(([status, text]) => `  ${String(status).padEnd(4)} ${text}`).join('\n')}`;
}
