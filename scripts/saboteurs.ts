import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allBenigns, sections } from '../test/saboteurs/catalogue/index.ts';
import { type Outcome, runBenign, runSaboteur } from '../test/saboteurs/run-saboteur.ts';
import { titleOf, titleOfBenign } from '../test/saboteurs/saboteur.ts';
import { lanes, sideBySide } from '../test/saboteurs/side-by-side.ts';
import { setStage } from '../test/saboteurs/stage.ts';
import { pageOf, renderPage, tableLine, totals } from '../test/saboteurs/table.ts';

// Runs the saboteurs and the benign variants, and prints a table. The last line is `killed N of N, false alarms 0 of M`; the
// exit status is 1 when one survives, or a benign variant fails.
// usage: npm run saboteurs [-- [--write] [<part of a title>…]]

const pagePath = join(import.meta.dirname, '../docs/saboteurs.md');

async function main(args: readonly string[]): Promise<number> {
  const options = args.filter((each) => each.startsWith('--'));
  const parts = args.filter((each) => !each.startsWith('--'));
  const unknown = options.find((each) => each !== '--write');
  if (unknown) return refuse(`there is no option ${unknown}`);
  const isWanted = (title: string) => parts.length === 0 || parts.some((each) => title.includes(each));
  const saboteurs = sections.flatMap((each) => each.saboteurs).filter((each) => isWanted(titleOf(each)));
  const benigns = allBenigns.filter((each) => isWanted(titleOfBenign(each)));
  if (saboteurs.length + benigns.length === 0) return refuse(`no title contains ${parts.join(' or ')}`);
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
  if (options.includes('--write') && allWell) await writePage(outcomes);
  process.stdout.write(`${line}\n`);
  return allWell ? 0 : 1;
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
  } else await writeFile(pagePath, renderPage(page));
}

function refuse(why: string): number {
  process.stderr.write(`saboteurs: ${why}\nusage: npm run saboteurs [-- [--write] [<part of a title>…]]\n`);
  return 2;
}

process.exitCode = (await main(process.argv.slice(2))) || process.exitCode || 0;
