import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Who owns a pod: `<host>/<pid>/<start of the process>`. The start tells a process from a later one with the same
 * number, so that the reaper never takes a running drill's pod and never leaves a dead one's.
 */
export function ownOwner(): string {
  return `${hostname()}/${process.pid}/${processStart(process.pid) ?? '0'}`;
}

/** Whether that process still runs. Owners on other hosts count as running: only expiry ends theirs. */
export function isOwnerAlive(owner: string): boolean {
  const [host, pid, start] = owner.split('/');
  if (host !== hostname()) return true;
  return processStart(Number(pid)) === start;
}

/** Field 22 of /proc/<pid>/stat: clock ticks after boot (proc(5)); undefined when there is no such process. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold blanks and brackets: fields are counted after the last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
