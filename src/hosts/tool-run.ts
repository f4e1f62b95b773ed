import { constants } from 'node:os';
import { finished, PassThrough } from 'node:stream';
import { finished as finishedLater } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { Tail } from '../kit/streams.ts';
import { formatDuration } from '../kit/units.ts';
import type { Command, Exit, Running } from './host.ts';
import type { Ending, ToolProcess } from './tool-process.ts';

const longestTimerMs = 2 ** 31 - 1;

export interface ToolRunOptions {
  /** Of the host, for messages. */
  label: string;
  command: Command;
  start: () => Promise<ToolProcess>;
  /** Aborted when the host is disposed of. */
  closing: AbortSignal;
  /** How long a tool may take to end after SIGTERM, before SIGKILL. */
  graceMs: number;
}

/**
 * One tool from its start to its judgement, the same for all kinds of hosts: streams, deadline, abort, exit. Whatever
 * goes wrong first is the error; the tool is then ended before it is reported.
 */
export class ToolRun implements Running {
  readonly stdout = new PassThrough();
  readonly done: Promise<Exit>;
  readonly #options: ToolRunOptions;
  readonly #stderr = new Tail();
  readonly #stopped = Promise.withResolvers<never>();
  #stopReason: FiredrillError | undefined;
  /** Aborted when all is said: lets go of timers and signals. */
  readonly #over = new AbortController();

  constructor(options: ToolRunOptions) {
    this.#options = options;
    this.#stopped.promise.catch(() => {});
    // Held for a late reader, who gets it from the stream's state.
    this.stdout.on('error', () => {});
    this.done = this.#attend().then(
      (exit) => this.#conclude(exit),
      (error: unknown) => this.#break(error),
    );
    this.done.catch(() => {});
  }

  async #attend(): Promise<Exit> {
    this.#watch();
    const process = await this.#start();
    try {
      this.#connect(process);
      const ending = await Promise.race([process.ended, this.#stopped.promise]);
      if (!('code' in ending) || ending.code !== 0) throw await this.#failure(process, ending);
      await Promise.race([this.#drained(process), this.#stopped.promise]);
      return { code: 0, stderr: this.#withoutSecrets(this.#stderr.toString()) };
    } catch (error) {
      this.#disconnect(process);
      if (this.#stopReason) await this.#end(process);
      throw this.#stopReason ?? error;
    } finally {
      process.release();
    }
  }

  #stop(reason: FiredrillError) {
    this.#stopReason ??= reason;
    this.#stopped.reject(this.#stopReason);
  }

  #conclude(exit: Exit): Exit {
    this.#over.abort();
    this.#options.command.stdin?.destroy();
    this.stdout.end();
    return exit;
  }

  #break(error: unknown): never {
    this.#over.abort();
    this.#options.command.stdin?.destroy();
    this.stdout.destroy(error instanceof Error ? error : new Error(messageOf(error)));
    throw error;
  }

  get #name() {
    return `${this.#options.command.tool} on ${this.#options.label}`;
  }

  /** Whatever may stop the run from outside. The first reason counts. */
  #watch() {
    const { command, closing } = this.#options;
    const over = this.#over.signal;
    const interrupt = (cause: unknown) =>
      this.#stop(new FiredrillError('INTERRUPTED', `${this.#name} was interrupted`, { cause }));
    for (const signal of command.signal ? [command.signal, closing] : [closing]) {
      if (signal.aborted) interrupt(signal.reason);
      signal.addEventListener('abort', () => interrupt(signal.reason), { once: true, signal: over });
    }
    if (command.deadlineMs === undefined) return;
    const sentence = `${this.#name} took longer than ${formatDuration(command.deadlineMs)}`;
    const expire = () => this.#stop(new FiredrillError('DEADLINE', sentence));
    const timer = setTimeout(expire, Math.min(command.deadlineMs, longestTimerMs));
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  async #start(): Promise<ToolProcess> {
    const { command, closing, start } = this.#options;
    if (command.signal?.aborted || closing.aborted) return this.#stopped.promise;
    const starting = start();
    try {
      return await Promise.race([starting, this.#stopped.promise]);
    } catch (error) {
      // Stopped while starting: what comes up after all is ended, and waited for within reason.
      const ended = starting.then(
        (process) => this.#end(process),
        () => {},
      );
      await Promise.race([ended, this.#grace()]);
      throw error;
    }
  }

  #connect(process: ToolProcess) {
    process.stdout.on('error', () => {});
    process.stderr.on('error', () => {});
    process.stderr.on('data', (chunk: Buffer) => this.#stderr.add(chunk));
    process.stdout.pipe(this.stdout, { end: false });
    finished(this.stdout, { readable: true, writable: false }, (error) => {
      if (error) this.#stop(ownOrFailed(error, `the output of ${this.#name} was not read to its end`));
    });
    this.#feed(process);
  }

  /** A source that breaks stops the tool, which must not take it for the end of its input. */
  #feed({ stdin }: ToolProcess) {
    const source = this.#options.command.stdin;
    // A tool that stops reading early is judged by its exit code.
    stdin?.on('error', () => {});
    if (!source || !stdin) {
      stdin?.end();
      return;
    }
    finished(source, { writable: false }, (error) => {
      if (error) this.#stop(ownOrFailed(error, `the input of ${this.#name} broke off`));
      else stdin.end();
    });
    source.pipe(stdin, { end: false });
  }

  /** From here on the tool's output is thrown away, so that it cannot hang on it. */
  #disconnect({ stdout }: ToolProcess) {
    this.#options.command.stdin?.unpipe();
    stdout.unpipe(this.stdout);
    stdout.resume();
  }

  async #drained({ stdout, stderr }: ToolProcess) {
    try {
      await Promise.all([finishedLater(stdout, { writable: false }), finishedLater(stderr, { writable: false })]);
    } catch (cause) {
      throw new FiredrillError('HOST_UNREACHABLE', `the output of ${this.#name} broke off`, { cause });
    }
  }

  async #failure(process: ToolProcess, ending: Ending): Promise<FiredrillError> {
    this.#disconnect(process);
    // The last words count, but a child of the tool may hold its stderr open for ever.
    await Promise.race([finishedLater(process.stderr, { writable: false }).catch(() => {}), this.#grace()]);
    const { tool } = this.#options.command;
    if ('missing' in ending) {
      return new FiredrillError('TOOL_MISSING', `there is no ${tool} on ${this.#options.label}`);
    }
    const detail = this.#withoutSecrets(this.#stderr.toString()).trimEnd().split('\n').slice(-20);
    return new FiredrillError('TOOL_FAILED', `${this.#name} ${describe(ending)}`, { detail: detail.filter(Boolean) });
  }

  async #end(process: ToolProcess) {
    const ended = process.ended.then(
      () => {},
      () => {},
    );
    await process.kill('TERM');
    await Promise.race([ended, this.#grace()]);
    // Also when the tool has ended: its children may not have obeyed.
    await process.kill('KILL');
    await Promise.race([ended, this.#grace()]);
  }

  #grace(): Promise<void> {
    return sleep(this.#options.graceMs, undefined, { ref: false });
  }

  /** A tool may repeat what it was given. */
  #withoutSecrets(text: string): string {
    return Object.values(this.#options.command.secretEnv ?? {})
      .filter((secret) => secret !== '')
      .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
  }
}

function ownOrFailed(error: Error, sentence: string): FiredrillError {
  return error instanceof FiredrillError ? error : new FiredrillError('TOOL_FAILED', sentence, { cause: error });
}

/** A shell, and Docker, tell a signal as 128 and its number. */
function describe(ending: { code: number } | { signal: string }): string {
  if ('signal' in ending) return `was ended by SIG${ending.signal.replace(/^SIG/, '')}`;
  const signal = Object.entries(constants.signals).find(([, number]) => number === ending.code - 128);
  return `ended with exit code ${ending.code}${signal ? ` (${signal[0]})` : ''}`;
}
