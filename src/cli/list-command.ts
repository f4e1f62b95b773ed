import type { Command } from 'commander';
import { about } from './help.ts';
import { listColumns, runList } from './list.ts';
import { table } from './output.ts';
import type { Session } from './session.ts';

const help = about(
  `Opens each manifest and checks its signature. "sealed" is a genuine manifest; "in progress" is being written, or was left
by a crash; "foreign" is not firedrill's.

It does not read the backups themselves: firedrill verify does.`,
  [0, 'the vault was listed, whatever lies in it'],
  [1, 'the vault cannot be read'],
  2,
  130,
);

const heading = ['SET', 'SERVICE', 'MEMBER', 'STATE', 'DATA FROM', 'SIZE', 'NOTE'];

export function addList(program: Command, session: Session): void {
  program
    .command('list')
    .description('list what lies in the vault (default: of all services)')
    .argument('[service...]', 'names of services')
    .addHelpText('after', help)
    .action(async (names: string[]) => {
      const composed = await session.composed();
      const rows = await session.interruptible(runList(composed, names));
      if (rows.length === 0) {
        session.remark(`vault ${composed.vault.label} holds no backup yet; the next command: firedrill backup`);
      }
      if (rows.length > 0 || session.options.json) session.show(table([heading, ...rows.map(listColumns)]), rows);
    });
}
