import type { FiredrillError } from '../../kit/errors.ts';
import { localMoment } from '../../kit/local-time.ts';
import { plainLine } from '../../kit/text.ts';
import type { DrillSummary } from '../../model/drill-summary.ts';
import { compileTemplate } from '../compile-template.ts';
import { nextView } from '../view/findings-view.ts';
import { line } from '../view/untrusted.ts';
import type { MailContent } from './mail-order.ts';
import { kindOf } from './mail-view.ts';
import { fault } from './template/digest.ts';
import { bandTemplate, foot, frame } from './template/frame.ts';

export interface FaultOrder {
  /** Why there is no journal. */
  error: FiredrillError;
  /** When that was known. */
  at: string;
  /** The machine. */
  host: string;
  timeZone: string;
  responsible: string;
  /** The newest drill that there was. */
  last: DrillSummary | undefined;
}

const maxDetail = 10;
const render = compileTemplate(frame, { band: bandTemplate, content: fault, foot });

/** The mail about a drill that could not even be begun, so that nothing else would be heard of it. */
export function renderFault(order: FaultOrder): MailContent {
  const { error, at, host, timeZone } = order;
  const view = {
    subject: plainLine(`NO DRILL · ${error.message}`, 200),
    ...kindOf('inconclusive'),
    ...{ sign: '?', word: 'NO DRILL' },
    about: `${localMoment(at, timeZone, at)} (${timeZone})`,
    sentence: sentenceOf(order),
    detail: error.detail.slice(0, maxDetail).map(line),
    last: lastWords(order),
    foot: [`Told by firedrill on ${line(host)}; code ${error.code}.`],
  };
  const said = view.detail.length === 0 ? [] : ['', 'What was said', ...view.detail];
  return {
    ...{ subject: view.subject, html: render(view), images: [], attachment: null, urgent: true },
    text: [view.sentence, ...said, '', view.last, '', '--', ...view.foot, ''].join('\n'),
  };
}

function sentenceOf({ error, responsible }: FaultOrder): string {
  const { command } = nextView(error.hint);
  const begin = command === '' ? '' : `, and begin with: ${command}`;
  return `Nothing is known of the newest backups, for no drill could be made (${line(error.message)}); ${plainLine(responsible, 100)} must look into it today${begin}.`;
}

function lastWords({ last, at, timeZone }: FaultOrder): string {
  if (!last) return 'There has been no drill before.';
  return `The newest drill that there was began on ${localMoment(last.startedAt, timeZone, at)} and ended with ${last.verdict}.`;
}
