import { join } from 'node:path';
import { writeReports } from '../../src/report/write-reports.ts';
import { ReportServer } from '../../src/serve/report-server.ts';
import { demoJournal } from './demo-journal.ts';
import { scratchFolder } from './scratch.ts';

/** A server of one drill's reports, in a folder inside another one (`outside`). `await using` stops it and removes both. */
export async function served() {
  const scratch = await scratchFolder();
  const reports = join(scratch.path, 'reports');
  await writeReports(demoJournal(), reports);
  const gameDays = join(scratch.path, 'gamedays');
  const server = await ReportServer.start({ reportsFolder: reports, gameDaysFolder: gameDays, timeZone: 'UTC' }, 0);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server[Symbol.asyncDispose]();
    return stopped;
  };
  return {
    ...{ reports, gameDays, outside: scratch.path, url: server.url, stop },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await scratch[Symbol.asyncDispose]();
    },
  };
}
