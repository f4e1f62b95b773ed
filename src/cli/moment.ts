import { FiredrillError } from '../kit/errors.ts';
import type { ComposedService, DrillMoment } from './context.ts';
import { parseInstant } from './parse-instant.ts';
import { isPlainName } from './typed-name.ts';

/** The value of `--at`: an instant, or `before:<name of a change>`, which is one service's own. */
export function momentOf(
  at: string | undefined,
  services: readonly ComposedService[],
): Pick<DrillMoment, 'asOf' | 'before'> {
  if (at === undefined) return {};
  if (!at.startsWith('before:')) return { asOf: parseInstant('--at', at) };
  const before = at.slice('before:'.length);
  // Whatever an engine calls its changes, it is no text that needs quotes.
  if (!isPlainName(before)) {
    const hint = 'Run: firedrill find-statement <service>';
    throw new FiredrillError('USAGE', `--at before: takes the name of a change, such as a GTID, not: ${before}`, {
      hint,
    });
  }
  if (services.length === 1) return { before };
  const named = services.find((each) => each.engine.increments?.holds)?.service ?? '<service>';
  const hint = `Type: firedrill drill --service ${named} --at ${at}`;
  throw new FiredrillError('USAGE', '--at before: names a change of one service, so exactly one must be named', {
    hint,
  });
}
