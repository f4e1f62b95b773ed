import { type AskedCheck, checkOwn } from '../checks/own-checks.ts';
import type { Restored } from '../engines/engine.ts';
import type { Asker } from '../engines/questions.ts';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import type { CheckResult } from '../model/check.ts';
import type { OpenMember } from '../model/member.ts';
import type { OwnCheck } from '../model/own-check.ts';
import type { DrillService } from './drill-order.ts';
import { isWorldFailure } from './failure.ts';

/** Asks the user's own checks of what was restored, one after the other. Throws what is about the drill's own world. */
export async function askOwnChecks(
  { service, engine, checks = [] }: DrillService,
  chain: readonly OpenMember[],
  restored: Restored,
  now: Date,
  activity: Activity,
): Promise<CheckResult> {
  if (!engine.questions) throw new FiredrillError('INTERNAL', `${engine.title} cannot be asked anything`);
  await using asker = await engine.questions.open(chain, restored, now, activity);
  const asked: AskedCheck[] = [];
  for (const each of checks) asked.push(await askOne(each, asker, activity.signal, isWorldFailure));
  return checkOwn(service, checks.length, asked);
}

/** @param isOfTheWorld what is no refusal, but about whoever asks: it is thrown */
export async function askOne(
  { name, question, expectation, withinMs }: OwnCheck,
  asker: Asker,
  signal: AbortSignal,
  isOfTheWorld: (error: FiredrillError) => boolean,
): Promise<AskedCheck> {
  const tooLong = AbortSignal.timeout(withinMs);
  try {
    return { name, expectation, answer: await asker.ask(question, AbortSignal.any([signal, tooLong])) };
  } catch (error) {
    if (signal.aborted) throw error;
    const isLate = tooLong.aborted;
    if (!isLate && (!(error instanceof FiredrillError) || isOfTheWorld(error))) throw error;
    const refusal = isLate ? `it took longer than ${formatDuration(withinMs)}` : messageOf(error);
    return { name, expectation, answer: { refusal } };
  }
}
