import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRunning } from './files.ts';

const unknownStart = '0';

/**
 * Who owns a pod or a lock: `<host>/<pid>/<start of the process>`. The start tells a process from a later one with the
 * same number, so that nobody takes what a running process owns, or leaves what a dead one did.
 */
export function ownOwner(): string {
  return `${hostname()}/${process.pid}/${processStart(process.pid)}`;
}

/** Whether that process still runs. Owners on other hosts count as running: only expiry ends theirs. */
export function isOwnerAlive(owner: string): boolean {
  const [host, pid, start] = owner.split('/');
  if (host !== hostname()) return true;
  const found = processStart(Number(pid));
  return found === start || found === unknownStart;
}

/** Whether that process runs on this host: one on another host is out of reach. */
export function isOwnerHere(owner: string): boolean {
  return owner.split('/')[0] === hostname() && isOwnerAlive(owner);
}

/** For sentences: `process 4711 on backup1`. */
export function describeOwner(owner: string): string {
  const [host, pid] = owner.split('/');
  return `process ${pid} on ${host}`;
}

/**
 * Field 22 of /proc/<pid>/stat: clock ticks after boot (proc(5)); undefined when there is no such process, or only what
 * its parent has not yet taken note of. Where /proc does not tell, a process counts by its number alone.
 */
function processStart(pid: number): string | undefined {
  if (!isRunning(pid)) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold blanks and brackets: fields are counted after the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return unknownStart;
  }
}
