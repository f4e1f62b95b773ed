import { FiredrillError } from '../../src/kit/errors.ts';
import { writeReports } from '../../src/report/write-reports.ts';
import { demoJournal } from './demo-journal.ts';

// Run by tests in a shell whose disk is full: writes the demo's reports into the folder that argv names.
try {
  const { folder } = await writeReports(demoJournal(), process.argv[2] ?? '');
  console.log(`written: ${folder}`);
} catch (error) {
  if (!(error instanceof FiredrillError)) throw error;
  console.log(`${error.code}: ${error.message}\n${error.hint}`);
}
