import type { Command } from 'commander';
import { FiredrillError } from '../../kit/errors.ts';
import { count } from '../../kit/text.ts';
import type { FollowUp } from '../../model/gameday-journal.ts';
import { writeGameDay } from '../../report/gameday/write-gameday.ts';
import { about } from '../help.ts';
import type { Session } from '../session.ts';
import { shownPath } from '../shown-path.ts';
import { keptGameDay, withLessons } from './kept.ts';

const help = about(
  `Writes into the journal of a game day what people have learned of it, and what is to be done; its reports are written anew. What
stands there already stays.

It does not change what happened: outcome, minutes and timeline are as they were measured.`,
  [0, 'the journal holds them'],
  [1, 'the journal cannot be read, or not be written'],
  2,
  [10, 'there is no such game day'],
  130,
);

interface Options {
  lesson?: string[];
  followUp?: string;
  who?: string;
  until?: string;
}

const day = /^\d{4}-\d\d-\d\d$/;

export function addLessons(gameDay: Command, session: Session): void {
  gameDay
    .command('lessons')
    .description('write down what was learned of a game day, and what is to be done')
    .argument('<id>', 'of the game day: the name of its folder')
    .option('--lesson <sentence...>', 'what was learned')
    .option('--follow-up <what>', 'what is to be done')
    .option('--who <name>', 'by whom')
    .option('--until <date>', 'until when, such as 2026-12-24')
    .addHelpText('after', help)
    .action(async (id: string, options: Options) => {
      const followUps = followUpsOf(options);
      const lessons = (options.lesson ?? []).map((each) => each.trim()).filter((each) => each !== '');
      if (lessons.length + followUps.length === 0) {
        throw new FiredrillError('USAGE', 'there is nothing to write down', {
          hint: `Add: --lesson '…', or --follow-up '…'`,
        });
      }
      const { gameDaysFolder } = await session.configForReading();
      const journal = withLessons(await keptGameDay(gameDaysFolder, id), lessons, followUps);
      const { html } = await writeGameDay(journal, gameDaysFolder);
      const held = `${count(journal.lessons.length, 'lesson')}, ${count(journal.followUps.length, 'thing')} to be done`;
      session.show(`${id}: ${held}: ${shownPath(html)}`, journal);
    });
}

function followUpsOf({ followUp, who = '', until = '' }: Options): FollowUp[] {
  if (followUp === undefined) {
    if (who === '' && until === '') return [];
    throw new FiredrillError('USAGE', '--who and --until belong to --follow-up: what is to be done?');
  }
  if (until !== '' && (!day.test(until) || Number.isNaN(Date.parse(until)))) {
    throw new FiredrillError('USAGE', `--until takes a date such as 2026-12-24, not: ${until}`);
  }
  return [{ what: followUp, who, until }];
}
