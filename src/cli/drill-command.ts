import { basename } from 'node:path';
import type { Command } from 'commander';
import { besideJournal } from '../flow/announce.ts';
import { plainLine } from '../kit/text.ts';
import { renderText } from '../report/render-text.ts';
import { RunningRecord } from '../report/running/running-record.ts';
import { verdictLine } from '../report/verdict-line.ts';
import { parseSeed, runDrill } from './drill.ts';
import { about } from './help.ts';
import { keepReport } from './keep-report.ts';
import { addNotifyOption, observedDrill, tellingFor, tellOfDrill } from './notify-option.ts';
import type { Session } from './session.ts';
import { addVaultOptions, drillChoiceOf, type VaultOptions } from './vault-choice.ts';

const help = about(
  `Restores the newest backup of each service into disposable containers that can reach nothing, times that against the RTO,
compares everything with what the data said when it was dumped, removes the containers, writes the report, and ends with
one line: verdict: pass | rto: <seconds> of <seconds> s | report: <path>

The service's own checks in the configuration (services.<name>.checks) are asked of the restored copy as well. What no drill
has verified yet is compared with the verified backups of the last 30 days, as the reports' folder tells: what is unusual is a
warning, and a failure only where no honest day does it (services.<name>.usualSince begins anew).

The applications of the configuration are run on the restored copy at its end, after all checks and outside the restore time: one
that does not work there fails the drill.

With --at it restores what was there at an instant, or just before one change, such as a DROP TABLE that firedrill
find-statement has found; before: needs exactly one --service, and judges no ages. Between two backups only MySQL can be
restored to any instant; of the others it is the newest backup of that time. A later drill judges the gaps between restore
points since the last one without --at; what older points are restored as well, drill.also of the configuration says.

At its end a fault, chosen by chance, is planted into a copy of one backup that has passed (drill.planted), and the copy is
drilled, outside the restore time: when nobody notices, the drill fails. With --at none is planted. With
--seed it is the fault of an earlier drill, as long as the vault holds the same.

With --from it restores from another vault, such as the offsite one, whose backups --identity opens; else drill.from of the
configuration says from which, and may let them take turns. For such a drill a machine needs this one configuration,
the key, Docker and firedrill, and nothing else: none of the sources' secrets (but those under applications.<name>.logins).

With --notify, for cron and timers, those are told whom mail and notify of the configuration name: by mail, by ping of an observer
elsewhere (at the start, too), by the webhook; also when there could be no drill. A mail that is not accepted is a fault of its own.

It does not touch the live services, and does not check them. With --json the result is the journal.`,

  [0, 'pass: all came back, exactly, in time'],
  [1, 'the harness failed, such as a report that could not be written'],
  2,
  [3, 'fail: the backup is not good'],
  [4, 'inconclusive: the drill could not look (no Docker, no disk, no image); no word about the backup'],
  [5, 'pass; but somebody whom --notify was to tell was not'],
  10,
  130,
);

interface Options extends VaultOptions {
  service?: string[];
  at?: string;
  seed?: string;
  notify?: boolean;
}

export function addDrill(program: Command, session: Session): void {
  addNotifyOption(addVaultOptions(program.command('drill'), 'as drill.from says'))
    .description('restore the newest backups, time and check them, and report one verdict')
    .argument('[name]', 'of this drill, for the report', 'drill')
    .option('--service <name...>', 'only these services (default: all); a name of the drill stands before it')
    .option('--at <point>', 'an instant, such as 2026-11-22T01:30:00Z, or before:<name of a change>')
    .option('--seed <number>', 'plant the same fault as the drill that reported this number')
    .addHelpText('after', help)
    .action(async (name: string, { service = [], at, seed, notify = false, ...vault }: Options) => {
      // Before the drill: a secret or a key that cannot be read is known now, and not when all is done.
      const telling = await tellingFor(notify, session);
      await using running = new RunningRecord();
      const { journal, reportsFolder, timeZone, ledgerKey } = await observedDrill(telling, session, async () => {
        const composed = await session.composedForReading((config) => drillChoiceOf(config, vault));
        const key = await composed.ledgerKey();
        const options = { name, running, services: service, goesOn: true, ...(at === undefined ? {} : { at }) };
        const chance = seed === undefined ? {} : { seed: parseSeed(seed) };
        const drilled = await runDrill(composed, { ...options, ...chance }, session.signal, session.quiet);
        const { reportsFolder, timeZone } = composed;
        return { journal: drilled, reportsFolder, timeZone, ledgerKey: key };
      });
      session.status = journal.exitStatus;
      const beside = telling && besideJournal(journal, telling);
      const { report, folder } = await keepReport(journal, { reportsFolder, timeZone }, ledgerKey, session, beside);
      await running.end(journal.verdict.verdict, folder && basename(folder));
      session.summary = plainLine(verdictLine(journal, report));
      session.show(`${renderText(journal)}\n\n${plainLine(verdictLine(journal, report))}`, journal);
      await tellOfDrill(telling, { journal, folder }, session);
    });
}
