import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { Blame, Session } from '../client.ts';
import { definingSettings } from '../restore-schema.ts';
import { blameSource, type MysqlSource, openSource } from '../source.ts';
import { isAtLeast } from '../version.ts';

/** A login at the server that is restored into. What it refuses is TARGET_FAILED. */
export function openTarget(target: MysqlSource, signal: AbortSignal): Promise<Session> {
  return openSource(target, { signal }, blameTarget(target));
}

/** As `openTarget`, for whoever makes schema objects as they were, whatever the server would rather have. */
export async function openDefiner(target: MysqlSource, signal: AbortSignal): Promise<Session> {
  const session = await openTarget(target, signal);
  const version = (await session.value('SELECT VERSION()')) ?? '';
  const needed = [
    ...definingSettings(version),
    'SET sql_require_primary_key = OFF',
    ...(isAtLeast(version, 8, 4) ? ['SET sql_generate_invisible_primary_key = OFF'] : []),
  ];
  await session.runAll(needed);
  return session;
}

function blameTarget(target: MysqlSource): Blame {
  const asSource = blameSource(target);
  return (fault) => {
    const blamed = asSource(fault);
    if (blamed.code === 'SOURCE_UNREACHABLE') return blamed;
    if (blamed.code === 'SOURCE_DENIED') {
      const hint = `Give ${target.settings.user} what an administrator has, or name another login under targets.`;
      return new FiredrillError('SOURCE_DENIED', blamed.message, { hint });
    }
    const said = `${plainLine(fault.message)} (${fault.errno})`;
    return new FiredrillError('TARGET_FAILED', `${target.service}: ${target.host.label} said: ${said}`);
  };
}
