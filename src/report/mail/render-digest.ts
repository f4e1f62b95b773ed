import { compileTemplate } from '../compile-template.ts';
import { type DigestOrder, digestView, weekFrom } from './digest-view.ts';
import { chartOfTimes } from './drill-charts.ts';
import type { MailContent } from './mail-order.ts';
import { digest } from './template/digest.ts';
import { outcome } from './template/drill.ts';
import { bandTemplate, chart, foot, frame, tiles } from './template/frame.ts';

const render = compileTemplate(frame, { band: bandTemplate, content: digest, chart, tiles, foot, outcome });

/** As many as are told apart on a phone. */
const maxBars = 14;

/** The mail about seven days: each day's drills, and each day without one by its name. */
export async function renderDigest(order: DigestOrder): Promise<MailContent> {
  const view = digestView(order);
  const { drills } = weekFrom(order);
  const times = drills.length === 0 ? null : await chartOfTimes(drills.slice(-maxBars), order.timeZone);
  return {
    subject: view.subject,
    text: textOf(view),
    html: render({ ...view, times: times?.view ?? null }),
    images: times ? [times.image] : [],
    attachment: null,
    urgent: !view.isPass,
  };
}

function textOf({
  sentence,
  word,
  about,
  tiles: numbers,
  days,
  services,
  remarks,
  foot: end,
}: ReturnType<typeof digestView>) {
  const part = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', title, ...lines]);
  return [
    sentence,
    '',
    `${word} · ${about}`,
    ...numbers.map(({ label, value, of }) => `${label}: ${value} ${of}`.trimEnd()),
    ...part(
      'Day by day',
      days.flatMap(({ rows }) => rows.map((row) => `- ${row.day}: ${row.drill}: ${row.word} ${row.used}`)),
    ),
    ...part(
      'Proven at the end of the week',
      services.shown.map(({ name, word: result, until }) => `- ${name}: newest drill ${result}; proven until ${until}`),
    ),
    ...part('Worth knowing', remarks),
    ...part('--', end),
    '',
  ].join('\n');
}
