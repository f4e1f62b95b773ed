import type { Command } from 'commander';
import { writeIndex } from '../report/write-index.ts';
import { about } from './help.ts';
import type { Session } from './session.ts';
import { shownPath } from './shown-path.ts';

const help = about(
  `Writes index.html beside the reports anew, from the journals of all drills, and prints its path: the newest verdict, a calendar of
twelve months, trends of restore time, size and rows, a forecast of the day on which the RTO will be crossed, what has changed since
the drill before, and links to the reports. Each drill writes it by itself; this is for after an upgrade, or when
reports were removed.

It does not drill, and reads nothing but journals. The forecast is a straight line through the newest 180 days: it knows nothing of
what you will change.`,
  0,
  [1, 'the reports cannot be listed, or the index not be written'],
  2,
  130,
);

export function addReportIndex(report: Command, session: Session): void {
  report
    .command('index')
    .description('write the index of all drills anew')
    .addHelpText('after', help)
    .action(() => session.interruptible(writeAnew(session)));
}

async function writeAnew(session: Session): Promise<void> {
  const { reportsFolder, timeZone } = await session.configForReading();
  const index = await writeIndex(reportsFolder, { timeZone, now: new Date() });
  session.show(shownPath(index), { index });
}
