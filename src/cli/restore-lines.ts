import type { RestorePlan } from '../flow/restore-order.ts';
import { count, plainLine } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';

/** The plan, for people, before anything is done. Untrusted names are made harmless. */
export function planLines(plan: RestorePlan): string[] {
  const { service, title, target, host, reason, members, point, parts, replaces } = plan;
  const what = parts ? `${parts.join(', ')} of ${service}, beside the live data` : `the whole of ${service}`;
  return [
    `restore   ${what} (${title}), because of ${reason}`,
    `into      ${target} (${host})`,
    `point     ${point}, from ${members.at(-1)}${members.length > 1 ? ` and ${count(members.length - 1, 'member')} before it` : ''}`,
    ...(replaces.length === 0
      ? ['replaces  nothing']
      : replaces.map((each, i) => `${i === 0 ? 'replaces  ' : '          '}${each}`)),
    `lost      ${sayLoss(plan)}`,
  ].map((line) => plainLine(line, 200));
}

function sayLoss({ parts, replaces, lostMs, newest, point }: RestorePlan): string {
  if (parts) return 'nothing: what is there stays';
  if (lostMs === null) return `whatever came at that change or after it (${point})`;
  const until = newest ? `the newest event there, ${newest.at} (${newest.basis})` : 'now';
  const where = replaces.length === 0 ? 'what the service wrote' : 'what was written';
  return `${where} from the point until ${until}: ${formatDuration(lostMs)}`;
}
