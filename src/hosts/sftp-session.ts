import type { SFTPWrapper, Stats } from 'ssh2';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import type { SshConnection } from './ssh-connection.ts';

const requestBytes = 32 * 1024;

/** What the remote machine refused; `code` is as of a system error: ENOENT, EACCES, ENOSPC, EIO. */
export class SftpRefusal extends Error {
  override readonly name = 'SftpRefusal';
  readonly code: 'ENOENT' | 'EACCES' | 'ENOSPC' | 'EIO';

  constructor(code: SftpRefusal['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** One request, and what calls back with its answer. */
export type SftpRequest<T> = (sftp: SFTPWrapper, done: (error: Error | null | undefined, value?: T) => void) => void;

/** An SFTP channel. When it ends, all that is asked of it is HOST_UNREACHABLE. */
export class SftpSession {
  /** Rejects with HOST_UNREACHABLE at the end. */
  readonly over: Promise<never>;
  readonly #label: string;
  readonly #sftp: SFTPWrapper;
  readonly #over: (error: FiredrillError) => void;
  readonly #waiting = new Set<(error: unknown) => void>();
  #ended: FiredrillError | undefined;

  static async open(label: string, { client, lost }: SshConnection): Promise<SftpSession> {
    const opened = new Promise<SFTPWrapper>((resolve, reject) => {
      client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)));
    });
    const sftp = await Promise.race([opened, lost]).catch((cause: unknown) => {
      if (cause instanceof FiredrillError) throw cause;
      const hint = 'Its sshd_config must have: Subsystem sftp internal-sftp';
      throw new FiredrillError('TOOL_MISSING', `${label} opens no SFTP: ${messageOf(cause)}`, { cause, hint });
    });
    return new SftpSession(label, sftp, lost);
  }

  private constructor(label: string, sftp: SFTPWrapper, lost: Promise<never>) {
    this.#label = label;
    this.#sftp = sftp;
    const { promise, reject } = Promise.withResolvers<never>();
    this.over = promise;
    this.#over = reject;
    this.over.catch(() => {});
    const end = (cause: unknown) => this.#end(cause);
    lost.catch(end);
    for (const event of ['error', 'end', 'close']) sftp.on(event, end);
  }

  /** SftpRefusal when the server says no. */
  ask<T>(what: string, request: SftpRequest<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting.add(reject);
      request(this.#sftp, (error, value) => {
        this.#waiting.delete(reject);
        if (!error) return resolve(value as T);
        const status = statusOf(error);
        reject(typeof status === 'number' ? refusalOf(status, what, error) : this.#end(error));
      });
    });
  }

  /** What is still asked will get no answer. */
  #end(cause: unknown): FiredrillError {
    const sentence = `cannot reach ${this.#label}: the connection was lost`;
    this.#ended ??= new FiredrillError('HOST_UNREACHABLE', sentence, { cause });
    for (const fail of this.#waiting) fail(this.#ended);
    this.#waiting.clear();
    this.#over(this.#ended);
    return this.#ended;
  }

  async writeAll(handle: Buffer, bytes: Buffer, offset: number): Promise<void> {
    await Promise.all(
      pieces(bytes.length).map(([from, length]) =>
        this.ask<unknown>('write', (sftp, done) => sftp.write(handle, bytes, from, length, offset + from, done)),
      ),
    );
  }

  /** Fewer bytes than were wanted where the file ends before. */
  async readAll(handle: Buffer, offset: number, wanted: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(wanted);
    const got = await Promise.all(
      pieces(wanted).map(([from, length]) => this.#readPiece(handle, bytes, from, length, offset + from)),
    );
    const short = got.findIndex((length, i) => length < (pieces(wanted)[i]?.[1] ?? 0));
    return short < 0 ? bytes : bytes.subarray(0, short * requestBytes + (got[short] ?? 0));
  }

  async #readPiece(handle: Buffer, bytes: Buffer, from: number, length: number, offset: number): Promise<number> {
    let got = 0;
    while (got < length) {
      const more = await this.ask<number>('read', (sftp, done) => {
        sftp.read(handle, bytes, from + got, length - got, offset + got, (error, count) =>
          isEnd(error) ? done(null, 0) : done(error, count),
        );
      });
      if (more === 0) break;
      got += more;
    }
    return got;
  }

  async sizeOf(handle: Buffer): Promise<number> {
    return (await this.ask<Stats>('look at the file', (sftp, done) => sftp.fstat(handle, done))).size;
  }

  /** A server that cannot sync is trusted to keep what it has taken. */
  async sync(handle: Buffer): Promise<void> {
    await this.ask<void>('sync', (sftp, done) => {
      try {
        sftp.ext_openssh_fsync(handle, done);
      } catch {
        done(null);
      }
    });
  }
}

/** Where each request of a batch begins, and its length. */
function pieces(bytes: number): [number, number][] {
  return Array.from({ length: Math.ceil(bytes / requestBytes) }, (_, i) => [
    i * requestBytes,
    Math.min(requestBytes, bytes - i * requestBytes),
  ]);
}

const status = { end: 1, noSuchFile: 2, denied: 3 } as const;
const statusOf = (error: unknown) => (error as { code?: unknown } | null | undefined)?.code;
const isEnd = (error: unknown) => statusOf(error) === status.end;

function refusalOf(code: number, what: string, cause: Error): SftpRefusal {
  const known = code === status.noSuchFile ? 'ENOENT' : code === status.denied ? 'EACCES' : 'EIO';
  return new SftpRefusal(known, `cannot ${what}: ${cause.message}`, cause);
}
