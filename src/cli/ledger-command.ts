import type { Command } from 'commander';
import { exitStatus } from '../kit/errors.ts';
import { about } from './help.ts';
import { ledgerLines, verifyLedger } from './ledger.ts';
import type { Session } from './session.ts';

const help = about(
  `Each drill leaves the receipt of its journal in reports/ledger.jsonl: the journal's hash, and the hash of the receipt before.
It checks both directions: each receipt follows the one before, is signed by a trusted key where it is signed, and has its
journal, unchanged; each journal has its receipt. It prints the newest receipt's hash, the head.

It does not notice a tail that was cut off together with its journals, unless a head that was noted before is named with
--head: keep one elsewhere, such as in the mail of a drill. Receipts tell nothing of the backups themselves.`,
  [0, 'the ledger and the journals are whole, and fit one another'],
  [1, "the reports' folder cannot be read"],
  2,
  [3, 'something was changed, is missing, or has no receipt'],
  [10, 'there is no receipt and no journal yet'],
  130,
);

export function addLedger(program: Command, session: Session): void {
  const ledger = program.command('ledger').description('the receipts of all drills');
  ledger
    .command('verify')
    .description('check that no journal of a drill was changed, removed or put in')
    .option('--head <hash>', 'the hash of a receipt that was noted before: it must still be there')
    .addHelpText('after', help)
    .action(async ({ head }: { head?: string }) => {
      const state = await session.interruptible(verifyLedger(await session.config(), head));
      session.show(ledgerLines(state).join('\n'), state);
      session.status = state.problems.length === 0 ? exitStatus.pass : exitStatus.drillFailed;
    });
}
