import type { Diagnosis } from '../../engines/engine.ts';
import type { Host } from '../../hosts/host.ts';
import { outputOf } from '../../hosts/output.ts';
import { formatDuration } from '../../kit/units.ts';
import { ok, problem } from './examine.ts';

/** A clock that is further off makes RPO and freshness wrong by as much. */
const toleratedMs = 5_000;
const deadlineMs = 5_000;

/** Whether this machine's clock is disciplined, as far as its own tools say. */
export async function diagnoseClock(host: Host, timeZone: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const ask = (tool: string, ...args: string[]) =>
    outputOf(host, { tool, args, deadlineMs, signal }).catch(() => undefined);
  const [systemd, chrony] = await Promise.all([
    ask('timedatectl', 'show', '--property=NTPSynchronized', '--value'),
    ask('chronyc', '-n', 'tracking'),
  ]);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [judgeClock(systemd, chrony), ok(`sets are named in ${timeZone}; this machine's own zone is ${zone}`)];
}

export function judgeClock(systemd: string | undefined, chrony: string | undefined): Diagnosis {
  const said = systemd?.trim();
  if (said === 'yes' || (chrony !== undefined && /^Leap status\s*: Normal/m.test(chrony))) {
    return ok("this machine's clock is synchronised");
  }
  if (said === 'no' || chrony !== undefined) {
    return problem("this machine's clock is not synchronised", 'Run: timedatectl set-ntp true, or mend chrony.');
  }
  return ok("nothing here tells whether this machine's clock is synchronised (no timedatectl, no chronyc)");
}

/** A source's clock against this one; the time of asking is a tolerance. */
export async function diagnoseSourceClock(host: Host, signal: AbortSignal): Promise<Diagnosis> {
  const before = Date.now();
  const said = await outputOf(host, { tool: 'date', args: ['-u', '+%s'], deadlineMs: 20_000, signal });
  return judgeOffset(Number(said.trim()) * 1000, before, Date.now());
}

/** `there` has whole seconds, and was read somewhere between `before` and `after`; all in ms. */
export function judgeOffset(there: number, before: number, after: number): Diagnosis {
  if (!Number.isFinite(there)) return problem('its clock cannot be read', 'Run: date -u +%s there.');
  const offMs = there + 1_000 < before ? before - there : there > after ? there - after : 0;
  if (offMs <= toleratedMs) return ok('its clock agrees with this machine');
  return problem(
    `its clock is ${formatDuration(offMs)} ${there > after ? 'ahead of' : 'behind'} this machine's`,
    'Synchronise both clocks: ages are reckoned from them.',
  );
}
