import type { Command } from 'commander';
import { about } from './help.ts';
import type { Session } from './session.ts';
import { runVerify, verifyExit, verifyLines } from './verify.ts';

const help = about(
  `Reads backups offline, to their last byte: the seal, every hash, the format, the producer's own marks of completeness; and of each chain whether it is
one full and increments without a gap, a fork or a foreign member.

It does not restore anything: that the data comes back, and in time, is what a drill shows.`,
  0,
  1,
  2,
  3,
  4,
  10,
  130,
);

export function addVerify(program: Command, session: Session): void {
  program
    .command('verify')
    .description('judge backups without restoring them (default: the newest chain of each service)')
    .argument('[service...]', 'names of services')
    .option('--all', 'every chain, not only the newest')
    .addHelpText('after', help)
    .action(async (names: string[], { all = false }: { all?: boolean }) => {
      const composed = await session.composed();
      const work = runVerify(composed, names, { all }, session.signal, session.quiet);
      const rows = await session.interruptible(work);
      session.show(verifyLines(rows).join('\n'), rows);
      session.status = verifyExit(rows);
    });
}
