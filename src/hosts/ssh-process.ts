import { pipeline, type Readable, type Writable } from 'node:stream';
import { FiredrillError } from '../kit/errors.ts';
import { GreetingFilter } from './preamble.ts';
import type { Ending, ToolProcess } from './tool-process.ts';

/** What is needed of an ssh channel on which a command runs. */
export interface ExecChannel extends Readable, Pick<Writable, 'write' | 'end'> {
  readonly stderr: Readable;
  signal(name: string): void;
  close(): void;
}

export interface SshProcessOptions {
  label: string;
  token: string;
  /** Rejects when the connection is lost. */
  lost: Promise<never>;
  /** Ends the process with that id, by another channel. */
  killPid: (signal: 'TERM' | 'KILL', pid: number) => Promise<void>;
}

/** A tool behind an ssh channel. Must be called in the very callback that hands over the channel. */
export function sshProcess(channel: ExecChannel, options: SshProcessOptions): ToolProcess {
  keepStderrFromOpeningTheWindow(channel);
  const stderr = new GreetingFilter(options.token);
  pipeline(channel.stderr, stderr, () => {});
  const ended = Promise.race([ending(channel, stderr, options.label), options.lost]);
  ended.catch(() => {});
  return {
    stdout: channel,
    stderr,
    stdin: channel as unknown as Writable,
    ended,
    kill: async (signal) => {
      // Servers are free to ignore this request, and it cannot be sent after the tool's stdin has ended.
      channel.signal(signal);
      const pid = await Promise.race([stderr.greeting, ended.then(noPid, noPid)]);
      if (typeof pid === 'number') await options.killPid(signal, pid);
    },
    release: () => channel.close(),
  };
}

const noPid = () => undefined;

/** Exit code 0 counts only with the channel's proper end: a lost connection ends its streams as if all were well. */
async function ending(channel: ExecChannel, stderr: GreetingFilter, label: string): Promise<Ending> {
  const exit = await new Promise<Ending | undefined>((resolve) => {
    let exit: Ending | undefined;
    channel.once('exit', (code: number | null, signal?: string) => {
      exit = code === null ? { signal: String(signal) } : { code };
      if (code !== 0) resolve(exit);
    });
    channel.once('close', () => resolve(exit));
  });
  const greeting = exit && (await stderr.greeting);
  if (greeting === 'missing') return { missing: true };
  if (exit && greeting !== undefined) return exit;
  const why = exit ? 'its login shell does not run commands' : 'it closed the channel of a running tool';
  throw new FiredrillError('HOST_UNREACHABLE', `${label} cannot run tools: ${why}`);
}

/**
 * ssh2 asks for more data whenever stderr arrives, also while stdout is full and nobody reads it: a tool that says much on
 * stderr would fill our memory. So stderr asks for nothing, and what arrives on it only says whether stdout has room.
 */
function keepStderrFromOpeningTheWindow(channel: ExecChannel) {
  const { stderr } = channel;
  const push = stderr.push.bind(stderr);
  stderr.push = (chunk: unknown) => push(chunk) && channel.readableLength < channel.readableHighWaterMark;
  stderr._read = () => {};
}
