import type { GameDayJournal } from '../model/gameday-journal.ts';
import { renderGameDayMail } from '../report/gameday/render-gameday-mail.ts';
import type { MailChannel, Telling } from './channels.ts';
import { type MailResult, sendMail } from './send-mail.ts';

/** A game day's journal, and where it lies. */
export interface WrittenGameDayJournal {
  journal: GameDayJournal;
  /** The game day's own folder: its deliveries are recorded there. */
  folder: string;
  /** Of the same scenario, the newest first. */
  earlier: readonly GameDayJournal[];
}

/** Mails the report of a game day, and records beside its journal what became of it. INTERRUPTED when the run is stopped. */
export async function mailGameDay(
  { journal, folder, earlier }: WrittenGameDayJournal,
  channel: MailChannel,
  telling: Telling,
): Promise<MailResult> {
  const { timeZone } = telling.channels;
  const render = async (attachmentLimitBytes: number) =>
    renderGameDayMail({ journal, earlier, timeZone, attachmentLimitBytes, folder });
  return sendMail({ about: journal.gameDay.id, folder, render }, channel, telling);
}
