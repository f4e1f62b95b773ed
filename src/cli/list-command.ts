import type { Command } from 'commander';
import { about } from './help.ts';
import { runList } from './list.ts';
import { listLines } from './list-lines.ts';
import type { Session } from './session.ts';
import { addVaultOptions, choiceOf, type VaultOptions } from './vault-choice.ts';

const help = about(
  `Opens each manifest and checks its signature. "sealed" is a genuine manifest; "in progress" is being written, or was left
by a crash; "foreign" is not firedrill's. Increments are indented; below each chain stands whether it is whole, by its
manifests alone: one full, then increments without a gap, a fork or a foreign member. "encrypted" was not opened: --identity
names the key.

It does not read the backups themselves: firedrill verify does.`,
  [0, 'the vault was listed, whatever lies in it'],
  [1, 'the vault cannot be read'],
  2,
  130,
);

export function addList(program: Command, session: Session): void {
  addVaultOptions(program.command('list'))
    .description('list what lies in the vault (default: of all services)')
    .argument('[service...]', 'names of services')
    .addHelpText('after', help)
    .action(async (names: string[], options: VaultOptions) => {
      const composed = await session.composedForReading(() => choiceOf(options));
      const contents = await session.interruptible(runList(composed, names));
      if (contents.members.length === 0) {
        session.remark(`vault ${composed.vault.label} holds no backup yet; the next command: firedrill backup`);
      }
      if (contents.members.length > 0 || session.options.json) session.show(listLines(contents).join('\n'), contents);
    });
}
