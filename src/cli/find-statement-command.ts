import type { Command } from 'commander';
import { runFindStatement } from './find-statement.ts';
import { findStatementLines } from './find-statement-lines.ts';
import { about } from './help.ts';
import type { Session } from './session.ts';

const help = about(
  `Reads the logs that the increments in the vault hold, and lists what took data away: DROP, TRUNCATE, and what deleted many
rows; "unseen" is what could not be looked into. Its last line is the command that restores to just before the newest one.

It does not ask the live service: what came after the newest increment is not in the vault yet. It does not look for updates
that overwrote data.`,
  [0, 'the logs were read, whatever was found'],
  [1, "the service's engine keeps no log of statements, or the vault cannot be read"],
  2,
  [3, 'an increment is not good'],
  [10, 'no increment covers any of that time'],
  130,
);

/** Of a result that no terminal shows. */
const widthElsewhere = 160;

interface Options {
  from?: string;
  to?: string;
  minRows?: string;
}

export function addFindStatement(program: Command, session: Session): void {
  program
    .command('find-statement')
    .description('list what took data away, such as DROP TABLE, and how to undo it')
    .argument('<service>', 'name of the service')
    .option('--from <instant>', 'such as 2026-11-22T01:30:00Z (default: a day before --to)')
    .option('--to <instant>', 'the end of the time that is looked at (default: now)')
    .option('--min-rows <n>', 'leave out deletes of fewer rows (default: 100)')
    .addHelpText('after', help)
    .action(async (service: string, { from, to, minRows }: Options) => {
      const options = { service, from, to, minRows };
      const found = await runFindStatement(await session.composed(), options, session.signal, session.quiet);
      const columns = process.stdout.columns ?? widthElsewhere;
      session.show(findStatementLines(found, columns).join('\n'), found);
    });
}
