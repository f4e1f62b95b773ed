import type { Command } from 'commander';
import { about } from './help.ts';
import { copyOf, parityExit, parityLines, runParity } from './parity.ts';
import type { Session } from './session.ts';
import { addVaultOptions, choiceOf, type VaultOptions } from './vault-choice.ts';
import { runVerify, verifyExit, verifyLines } from './verify.ts';

const help = about(
  `Reads backups offline, to their last byte: the seal, every hash, the format, the producer's own marks of completeness; and of each chain whether it is
one full and increments without a gap, a fork or a foreign member.

With --offsite it compares two vaults: members by name, manifests by hash, and of the newest chains every byte on both sides;
--all reads all. It tells how far the copy lags behind. A backup may be missing there for 26 hours; then it is a difference,
and so is what only one of both holds inside its retention. An encrypted copy is compared without a key by its own record of
what was stored, which whoever can write there could forge: --identity looks into it.

It does not restore anything: that the data comes back, and in time, is what a drill shows.`,
  0,
  1,
  2,
  3,
  4,
  10,
  130,
);

interface Options extends VaultOptions {
  all?: boolean;
  offsite?: boolean;
}

async function compareOffsite(session: Session, names: readonly string[], all: boolean, vault: VaultOptions) {
  const composed = await session.composedForReading((config) =>
    choiceOf({ ...vault, from: copyOf(config, vault.from) }),
  );
  const work = runParity(composed, names, { all }, session.signal, session.quiet);
  const parities = await session.interruptible(work);
  session.show(parityLines(parities).join('\n'), parities);
  session.status = parityExit(parities);
}

export function addVerify(program: Command, session: Session): void {
  addVaultOptions(program.command('verify'))
    .description('judge backups without restoring them (default: the newest chain of each service)')
    .argument('[service...]', 'names of services')
    .option('--all', 'every chain, not only the newest')
    .option('--offsite', 'compare the first vault with the second, or with the one that --from names')
    .addHelpText('after', help)
    .action(async (names: string[], { all = false, offsite = false, ...vault }: Options) => {
      if (offsite) return await compareOffsite(session, names, all, vault);
      const composed = await session.composedForReading(() => choiceOf(vault));
      const work = runVerify(composed, names, { all }, session.signal, session.quiet);
      const rows = await session.interruptible(work);
      session.show(verifyLines(rows).join('\n'), rows);
      session.status = verifyExit(rows);
    });
}
