import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/kit/errors.ts';
import { allBenigns, allSaboteurs, sections } from '../test/saboteurs/catalogue/index.ts';
import { cleanNights, defaultNights } from '../test/saboteurs/clean-nights/clean-nights.ts';
import { type CleanNight, nightLine, totalsOfNights } from '../test/saboteurs/clean-nights/judging.ts';
import { type Outcome, runBenign, runSaboteur } from '../test/saboteurs/run-saboteur.ts';
import { titleOf, titleOfBenign } from '../test/saboteurs/saboteur.ts';
import { lanes, sideBySide } from '../test/saboteurs/side-by-side.ts';
import { setStage } from '../test/saboteurs/stage.ts';
import { pageOf, renderPage, tableLine, totals, withSummary } from '../test/saboteurs/table.ts';

// Runs the saboteurs and the benign variants, and prints a table. The last line is `killed N of N, false alarms 0 of M`; the
// exit status is 1 when one survives, or a benign variant fails. Before that, clean drills: a company lives through some
// nights, in each of which a drill must pass. With parts of titles, or --clean, only what they name is run.

const pagePath = join(import.meta.dirname, '../docs/saboteurs.md');
const readmePath = join(import.meta.dirname, '../README.md');

const usage = 'npm run saboteurs [-- [--write] [--clean <nights>] [<part of a title>…]]';

async function main(args: readonly string[]): Promise<number> {
  const asked = askedFor(args);
  if (typeof asked === 'string') return refuse(asked);
  const { parts, nights, write } = asked;
  const areCleanWell = nights === 0 || (await runNights(nights));
  if (parts.length === 0 && args.includes('--clean')) return areCleanWell ? 0 : 1;
  return (await runCatalogue(parts, write)) && areCleanWell ? 0 : 1;
}

/** What is to be run; why not, where that makes no sense. */
function askedFor(args: readonly string[]): { parts: string[]; nights: number; write: boolean } | string {
  try {
    const options = { write: { type: 'boolean', default: false }, clean: { type: 'string' } } as const;
    const { values, positionals: parts } = parseArgs({ args: [...args], options, allowPositionals: true });
    const { clean = parts.length === 0 ? `${defaultNights}` : '0', write } = values;
    if (values.clean !== undefined && !/^[1-9]\d{0,2}$/.test(clean))
      return `--clean takes a number of nights from 1 to 999, not: ${clean}`;
    const titles = [...allSaboteurs.map(titleOf), ...allBenigns.map(titleOfBenign)];
    const isNothing = parts.length > 0 && !titles.some((title) => isAnyIn(parts, title));
    return isNothing ? `no title contains ${parts.join(' or ')}` : { parts, nights: Number(clean), write };
  } catch (error) {
    return messageOf(error);
  }
}

const isAnyIn = (parts: readonly string[], title: string) => parts.some((each) => title.includes(each));

async function runNights(nights: number): Promise<boolean> {
  process.stdout.write('saboteurs: a company begins, to which nothing bad happens\n');
  const done: CleanNight[] = [];
  for await (const night of cleanNights(nights)) {
    done.push(night);
    process.stdout.write(`${nightLine(night)}\n`);
  }
  const { line, allWell } = totalsOfNights(done);
  process.stdout.write(`${line}\n`);
  return allWell;
}

async function runCatalogue(parts: readonly string[], write: boolean): Promise<boolean> {
  const isWanted = (title: string) => parts.length === 0 || isAnyIn(parts, title);
  const saboteurs = allSaboteurs.filter((each) => isWanted(titleOf(each)));
  const benigns = allBenigns.filter((each) => isWanted(titleOfBenign(each)));
  process.stdout.write('saboteurs: making good backups of real services\n');
  await using stage = await setStage();
  const jobs = [
    ...saboteurs.map((each) => () => runSaboteur(each, stage)),
    ...benigns.map((each) => () => runBenign(each, stage)),
  ];
  const outcomes: Outcome[] = [];
  for (const promise of sideBySide(jobs, lanes, (job) => job())) {
    const outcome = await promise;
    outcomes.push(outcome);
    process.stdout.write(`${tableLine(outcome)}\n`);
  }
  const { line, allWell } = totals(outcomes);
  if (write && allWell) await writePage(outcomes);
  process.stdout.write(`${line}\n`);
  return allWell;
}

/** What was not run stays as it was on the page. */
async function writePage(outcomes: readonly Outcome[]) {
  const before = await readFile(pagePath, 'utf8').catch(() => '');
  const page = pageOf(sections, allBenigns, outcomes, before);
  if ('missing' in page) {
    process.stdout.write(
      `saboteurs: ${pagePath} was not written: this one is neither there nor was it run: ${page.missing}\n`,
    );
    process.exitCode = 1;
    return;
  }
  await writeFile(pagePath, renderPage(page));
  await writeFile(readmePath, withSummary(await readFile(readmePath, 'utf8'), page));
}

function refuse(why: string): number {
  process.stderr.write(`saboteurs: ${why}\nusage: ${usage}\n`);
  return 2;
}

process.exitCode = (await main(process.argv.slice(2))) || process.exitCode || 0;
