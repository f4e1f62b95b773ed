/**
 * What a complaint of `influxd backup` means. `unreachable`: nothing answers at its port. `passing`: the server was busy with
 * its own snapshot and sent nothing or less, or the connection was cut; another try may do better. `lasting`: anything else.
 */
export type Complaint = 'unreachable' | 'passing' | 'lasting';

const failed = /\bfail/i;
/** 1.8 and later go on without the newest points, and call it a warning. */
const without = /snapshotter busy|without (cache|snapshot) contents/i;
const unreachable = /refused|no route|unreachable|i\/o timeout|no such host/i;
/** The server's way to say that it could not: it closes the connection, and tells the reason to its own log only. */
const nothingSent = /err=<nil>, n=0\b|no data returned/;
/** Of the connection: a file that cannot be written (`write /…: no space left on device`) is no such thing. */
const cut = /\b(read|write) (tcp|unix)\b.*(reset by peer|broken pipe)|err=(unexpected )?EOF\b/;

/** What this line of its log complains of; undefined when it does not. */
export function complaintOf(line: string): Complaint | undefined {
  if (without.test(line)) return 'passing';
  if (!failed.test(line)) return undefined;
  if (unreachable.test(line)) return 'unreachable';
  return nothingSent.test(line) || cut.test(line) ? 'passing' : 'lasting';
}
