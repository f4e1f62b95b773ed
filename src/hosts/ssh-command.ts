import { FiredrillError } from '../kit/errors.ts';
import type { Command } from './host.ts';
import { killScript, preamble } from './preamble.ts';

/**
 * The command line is visible to everybody on the remote machine, so the environment, secrets above all, comes by
 * stdin: lines of `sh` up to one that is the token. `read` takes byte by byte from a pipe: the rest of stdin is the tool's.
 */
const readEnvironment = `firedrill=$1; shift; script=
while :; do IFS= read -r line || exit 125; [ "$line" = "$firedrill" ] && break; script="$script$line
"; done
eval "$script"; unset script line`;

/** Any text as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** For the remote login shell, which must be of the POSIX kind (sh, bash, zsh …). */
export function remoteCommandLine(command: Command, token: string): string {
  const script = `${readEnvironment}\n${preamble(command)}`;
  return shCommandLine(script, [token, command.tool, ...command.args]);
}

/** What must be written to the remote stdin before the tool's own input. Secret. */
export function remoteEnvironment({ env, secretEnv }: Command, token: string): string {
  const lines = Object.entries({ ...env, ...secretEnv }).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0')) {
      throw new FiredrillError('INTERNAL', `${JSON.stringify(name)} cannot be set as an environment variable`);
    }
    return `export ${name}=${shellQuote(value)}\n`;
  });
  return `${lines.join('')}${token}\n`;
}

export function remoteKillLine(signal: 'TERM' | 'KILL', pid: number): string {
  return shCommandLine(killScript, [signal, String(pid)]);
}

// `exec`: the login shell becomes the tool, which thereby leads the process group that can be ended as a whole.
function shCommandLine(script: string, args: readonly string[]): string {
  return ['exec /bin/sh -c', ...[script, 'sh', ...args].map(shellQuote)].join(' ');
}
