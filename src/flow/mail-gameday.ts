import type { GameDayJournal } from '../model/gameday-journal.ts';
import { renderGameDayMail } from '../report/gameday/render-gameday-mail.ts';
import { earlierThan, gameDaysIn } from '../report/gameday/write-gameday.ts';
import type { MailChannel, Telling } from './channels.ts';
import { type MailResult, sendMail } from './send-mail.ts';

/** A game day's journal, and where it lies. */
export interface WrittenGameDayJournal {
  journal: GameDayJournal;
  /** The game day's own folder: its deliveries are recorded there. */
  folder: string;
  gameDaysFolder: string;
}

/** Mails the report of a game day, and records beside its journal what became of it. INTERRUPTED when the run is stopped. */
export async function mailGameDay(
  { journal, folder, gameDaysFolder }: WrittenGameDayJournal,
  channel: MailChannel,
  telling: Telling,
): Promise<MailResult> {
  const earlier = earlierThan(journal, await gameDaysIn(gameDaysFolder));
  const { timeZone } = telling.channels;
  const render = async (attachmentLimitBytes: number) =>
    renderGameDayMail({ journal, earlier, timeZone, attachmentLimitBytes, folder });
  return sendMail({ about: journal.gameDay.id, folder, render }, channel, telling);
}
