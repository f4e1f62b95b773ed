import { randomBytes } from 'node:crypto';
import type { MachineLogin, Machines } from '../../engines/machine.ts';
import type { Host } from '../../hosts/host.ts';
import { runToEnd } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import type { MachineState } from '../../model/stack-state.ts';
import { type MachineRoom, turnServer } from '../../sandbox/machines.ts';

/** Of an administrator of the stack's own. */
export function newPassword({ password }: Machines<unknown>): string {
  const secret = randomBytes(18).toString('base64url');
  return password ? password(secret) : secret;
}

/** A machine with an empty server that runs and has its administrator; it waits, stopped, where a whole is restored so. */
export async function raiseMachine(
  room: MachineRoom,
  state: MachineState,
  machines: Machines<unknown>,
  password: string,
  activity: Activity,
): Promise<void> {
  const { plan, initialise, service, role } = state;
  activity.tell({ service, phase: 'raise', text: role === 'replica' ? 'an empty replica' : 'an empty machine' });
  const host = await room.raise(plan);
  const { signal } = activity;
  await runToEnd(host, { tool: 'sh', args: ['-c', initialise], signal, deadlineMs: 300_000 });
  if (machines.restoredWhile === 'running') await admit(host, state, machines, password, activity);
}

/** Starts the server, and gives it its administrator. */
export async function admit(
  host: Host,
  state: MachineState,
  machines: Machines<unknown>,
  password: string,
  activity: Activity,
): Promise<void> {
  const login: MachineLogin = { user: state.user, password };
  await machines.admit(host, state, login, () => turnServer(host, 'start'), activity);
  if (state.role === 'replica') await machines.follow?.(host, state, login, activity);
}
