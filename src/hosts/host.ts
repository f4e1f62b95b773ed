import type { Duplex, Readable } from 'node:stream';

/** A native tool to run on a host. */
export interface Command {
  tool: string;
  args: readonly string[];
  /** Visible to other users of that host: no secrets. */
  env?: Readonly<Record<string, string>>;
  /** Secrets: they reach the tool's environment, and never an argv, a log or an error message. */
  secretEnv?: Readonly<Record<string, string>>;
  /** Absent: the tool reads an empty stdin. */
  stdin?: Readable;
  /**
   * A tool that writes much through its C library, by 4 KiB into a pipe, each of which Docker and ssh carry on its own: it writes by 256 KiB
   * where its host can have it so (stdbuf), and else as always. What it flushes comes at once.
   */
  largeWrites?: boolean;
  /** After this the tool is ended and DEADLINE is reported. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

export interface Exit {
  /** Always 0: any other end is an error. */
  code: 0;
  /** The last 64 KiB of what the tool said on stderr. Untrusted text. */
  stderr: string;
}

/**
 * A tool that was started. Whoever starts one awaits `done`. After a deadline, an abort, a broken source or a reader that
 * left, the tool and all processes of its group are ended (SIGTERM, then SIGKILL) before `done` rejects.
 */
export interface Running {
  /**
   * Ends only after the tool ended with 0; breaks with the same error as `done` otherwise. It is attached at the
   * start, so that nothing is lost when it is read late; unread output makes the tool wait.
   */
  readonly stdout: Readable;
  /**
   * Resolves when the tool ended with 0 and its stdout was handed over. Rejects with TOOL_FAILED (exit code or signal
   * in the message, last stderr lines in `detail`), TOOL_MISSING, DEADLINE, INTERRUPTED (also when the host is disposed
   * of), HOST_UNREACHABLE, DOCKER_UNAVAILABLE, or the FiredrillError of a broken `stdin` or of stdout's reader. Needs
   * `stdout` to be read (or `discard`ed) to its end. Never an unhandled rejection: the error is held for a late reader.
   */
  readonly done: Promise<Exit>;
}

/**
 * A place where tools run and servers listen: this machine, a container, a machine behind ssh. All implementations
 * pass `test/contract/host.ts`. Nothing is retried here.
 */
export interface Host extends AsyncDisposable {
  /** For people and manifests: `local`, `docker:agama-db`, `ssh:db1.example`. No secret, no path. */
  readonly label: string;
  run(command: Command): Running;
  /**
   * Opens a connection to a TCP port of that host's loopback (for a container: its own address, or its loopback where it
   * has none), or to a unix socket there (local and ssh only). Rejects with SOURCE_UNREACHABLE or HOST_UNREACHABLE.
   */
  connect(to: { port: number } | { socketPath: string }): Promise<Duplex>;
}
