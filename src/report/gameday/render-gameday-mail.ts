import { join } from 'node:path';
import { localMoment } from '../../kit/local-time.ts';
import { plainLine } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { compileTemplate } from '../compile-template.ts';
import type { MailContent } from '../mail/mail-order.ts';
import { kindOf } from '../mail/mail-view.ts';
import { tight } from '../mail/subject.ts';
import { bandTemplate, foot, frame, tiles } from '../mail/template/frame.ts';
import { line, nameOf } from '../view/untrusted.ts';
import { gameDayView, outcomeWords } from './gameday-view.ts';
import { tookWords, whoOf } from './minutes-view.ts';
import { renderGameDayHtml } from './render-gameday-html.ts';
import { gameDayMail } from './template/gameday-mail.ts';

export interface GameDayMailOrder {
  journal: GameDayJournal;
  /** Of the same scenario, the newest first. */
  earlier: readonly GameDayJournal[];
  /** An IANA name: of the people who read the mail. */
  timeZone: string;
  /** A larger report is not attached. */
  attachmentLimitBytes: number;
  /** Of the game day. */
  folder: string;
}

const maxEarlier = 4;
const maxLines = 10;
const maxSubject = 200;

const render = compileTemplate(frame, { band: bandTemplate, content: gameDayMail, tiles, foot });

/** The mail about one game day, like that about a drill: the outcome first, the minutes beside those of earlier ones. */
export function renderGameDayMail(order: GameDayMailOrder): MailContent {
  const { journal, earlier, attachmentLimitBytes } = order;
  const report = Buffer.from(renderGameDayHtml(journal, earlier));
  const isAttached = report.length <= attachmentLimitBytes;
  const view = mailViewOf(order, isAttached);
  return {
    subject: view.subject,
    text: textOf(view),
    html: render(view),
    images: [],
    attachment: isAttached ? { filename: `${journal.gameDay.id}.html`, content: report } : null,
    urgent: view.isFail,
  };
}

function mailViewOf(order: GameDayMailOrder, isAttached: boolean) {
  const { journal, earlier, timeZone } = order;
  const { head, lessons, followUps } = gameDayView(journal, earlier);
  const { kind, word, sign } = outcomeWords[journal.outcome.outcome];
  const when = ({ gameDay }: GameDayJournal) => localMoment(gameDay.startedAt, timeZone, journal.gameDay.startedAt);
  return {
    ...{ subject: subjectOf(journal), ...kindOf(kind), word, sign, sentence: head.sentence },
    about: `Game day ${head.scenario}, ${when(journal)} (${timeZone}), ${head.who}`,
    tiles: [head.tiles[0], head.tiles[3], head.tiles[4]].flatMap((each) => (each ? [each] : [])),
    days: [journal, ...earlier.slice(0, maxEarlier)].map((day) => ({
      ...{ who: whoOf(day), when: when(day) },
      detection: tookWords(day.minutes.detectionMs),
      decision: tookWords(day.minutes.decisionMs),
      restore: tookWords(day.minutes.restoreMs),
      verification: tookWords(day.minutes.verificationMs),
      total: day.minutes.totalMs === null ? outcomeWords[day.outcome.outcome].word : tookWords(day.minutes.totalMs),
    })),
    refuted: (journal.attempts.at(-1)?.checks ?? [])
      .filter(({ holds }) => !holds)
      .slice(0, maxLines)
      .map(({ service, name, found }) => `${nameOf(service)}: ${line(name)}: ${line(found)}`),
    lessons: [
      ...lessons.shown.slice(0, maxLines),
      ...followUps.shown.slice(0, maxLines).map(({ what, who, until }) => `${what} (${who}, ${until})`),
    ],
    foot: [whereWords(order, isAttached), `Game day ${line(journal.gameDay.id)}. Times are those of ${timeZone}.`],
  };
}

/** `RECOVERED 14m12s of 30m · game day deleted-data · Zoë Müller`; one line. */
function subjectOf(journal: GameDayJournal): string {
  const { gameDay, minutes, outcome } = journal;
  const used = minutes.totalMs === null ? '' : ` ${tight(minutes.totalMs)} of ${tight(gameDay.limitMs)}`;
  const parts = [`${outcomeWords[outcome.outcome].word}${used}`, `game day ${gameDay.scenario}`, whoOf(journal)];
  return plainLine(parts.join(' · '), maxSubject);
}

function whereWords({ journal, folder, attachmentLimitBytes }: GameDayMailOrder, isAttached: boolean): string {
  const there = `It lies in ${line(join(folder, 'report.html'))} on ${line(journal.environment.host)}.`;
  if (isAttached) return `The full report is attached. ${there}`;
  return `The full report is larger than ${formatBytes(attachmentLimitBytes)}, and not attached. ${there}`;
}

function textOf(view: ReturnType<typeof mailViewOf>): string {
  const part = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', title, ...lines]);
  return [
    view.sentence,
    '',
    `${view.word} · ${view.about}`,
    ...view.tiles.map(({ label, value, of }) => `${label}: ${value} ${of}`.trimEnd()),
    ...part(
      'Where the minutes went',
      view.days.map(
        (day) =>
          `- ${day.who}, ${day.when}: seen ${day.detection}, decided ${day.decision}, restored ${day.restore}, verified ${day.verification}, in all ${day.total}`,
      ),
    ),
    ...part('What did not hold at the last claim', view.refuted),
    ...part('Lessons, and what is to be done', view.lessons),
    ...part('--', view.foot),
    '',
  ].join('\n');
}
