import type { z } from 'zod';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError } from '../kit/errors.ts';
import { firstIssue } from '../kit/json.ts';
import { formatBytes } from '../kit/units.ts';
import type { OpenMember } from '../model/member.ts';
import { type Answer, maxAnswerBytes } from '../model/own-check.ts';
import type { Restored, Source } from './engine.ts';

/** How the user's own checks are asked of an engine's restored services, and those of a game day of live ones. */
export interface Questions<Settings = unknown> {
  /** The keys of a question in the configuration. What would do more than read is refused by them, where that can be seen. */
  readonly keys: z.ZodRawShape;
  /** `now`: the instant that is meant by "now" in a question, since the restored data is from then. */
  open(chain: readonly OpenMember[], restored: Restored, now: Date, activity: Activity): Promise<Asker>;
  /** The same questions to a server that lives: "now" is now. Nothing is connected before the first question. */
  openLive(source: Source<Settings>, activity: Activity): Asker;
}

/** Ready to ask; disposing it leaves the server as it was. */
export interface Asker extends AsyncDisposable {
  /**
   * Changes nothing in the restored data. Throws RESTORE_FAILED, TOOL_FAILED or SOURCE_DENIED when the server gives no answer
   * to a question, LIMIT_EXCEEDED when it is larger than `maxAnswerBytes`, and soon after `signal` INTERRUPTED.
   */
  ask(question: unknown, signal: AbortSignal): Promise<Answer>;
}

/** A question in its engine's form. TOOL_FAILED for one that the configuration would have refused. */
export function judgedQuestion<T>(form: z.ZodType<T>, asked: unknown): T {
  const judged = form.safeParse(asked);
  if (judged.success) return judged.data;
  throw new FiredrillError('TOOL_FAILED', `this is not asked: ${firstIssue(judged.error)}`);
}

/** Of an answer that is not read to its end. */
export const answerTooLarge = () =>
  new FiredrillError('LIMIT_EXCEEDED', `the answer is larger than ${formatBytes(maxAnswerBytes)}`);
