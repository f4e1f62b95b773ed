import { setTimeout as sleep } from 'node:timers/promises';
import type { FileEntryWithStats, Stats } from 'ssh2';
import { FiredrillError, isFiredrillError } from '../kit/errors.ts';
import { type Digest, digestOf } from '../kit/streams.ts';
import { Throttle } from '../kit/throttle.ts';
import { RemoteFile } from './sftp-file.ts';
import { SftpRefusal, type SftpRequest, SftpSession } from './sftp-session.ts';
import { shellQuote } from './ssh-command.ts';
import { SshConnector, type SshLogin } from './ssh-connection.ts';

export { SftpRefusal } from './sftp-session.ts';

/** One entry of a remote folder. A link is `other`. */
export interface RemoteEntry {
  name: string;
  kind: 'file' | 'folder' | 'other';
  bytes: number;
}

export interface SftpOptions {
  login: SshLogin;
  /** Bytes per second of all files together, sent and received; absent: as fast as the link is. */
  bytesPerSecond?: number;
  /** How long to wait before each new connection after a cut, in ms; as many as are tried without any progress. */
  pausesMs?: readonly number[];
}

/** Bytes that are under way at once, for each file; after a cut they are sent, or asked for, again. */
const batchBytes = 1 << 20;
const defaultPausesMs = [1_000, 2_000, 4_000, 8_000, 16_000];

/**
 * Files of a machine behind SFTP. A link that is cut is opened again, and a transfer goes on where it was: each piece of
 * it may be done twice. HOST_UNREACHABLE when the link stays cut.
 */
export class SftpClient implements AsyncDisposable {
  readonly #connector: SshConnector;
  readonly #label: string;
  readonly #pausesMs: readonly number[];
  readonly #throttle: Throttle;
  #session: Promise<SftpSession> | undefined;
  #wasConnected = false;
  /** Whether the account can run sha256sum, as far as it was tried. */
  #hashes = true;

  constructor({ login, bytesPerSecond = Number.POSITIVE_INFINITY, pausesMs = defaultPausesMs }: SftpOptions) {
    this.#connector = new SshConnector(login);
    this.#label = login.label;
    this.#pausesMs = pausesMs;
    this.#throttle = new Throttle(bytesPerSecond);
  }

  /** The key that the server shows, in the wire form. */
  async hostKey(): Promise<Buffer> {
    return (await this.#connector.connect()).hostKey;
  }

  async entries(folder: string): Promise<RemoteEntry[]> {
    const list = await this.#ask<FileEntryWithStats[]>(`list ${folder}`, (sftp, done) => sftp.readdir(folder, done));
    return list
      .filter(({ filename }) => filename !== '.' && filename !== '..')
      .map(({ filename, attrs }) => ({ name: filename, ...whatIs(attrs) }));
  }

  /** undefined where there is nothing. */
  async look(path: string): Promise<Omit<RemoteEntry, 'name'> | undefined> {
    try {
      return whatIs(await this.#ask<Stats>(`look at ${path}`, (sftp, done) => sftp.lstat(path, done)));
    } catch (error) {
      if (error instanceof SftpRefusal && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Makes a folder, unless it is there. */
  async makeFolder(path: string): Promise<void> {
    if ((await this.look(path))?.kind === 'folder') return;
    try {
      await this.#ask<void>(`make ${path}`, (sftp, done) => sftp.mkdir(path, done));
    } catch (error) {
      // Somebody else made it, or we did and the answer was lost.
      if ((await this.look(path))?.kind !== 'folder') throw await this.#explained(error, path);
    }
  }

  /** Renames what is there to a name that nothing bears. */
  async rename(from: string, to: string): Promise<void> {
    try {
      await this.#ask<void>(`rename ${from}`, (sftp, done) => sftp.rename(from, to, done));
    } catch (error) {
      // The answer was lost, and the second try found nothing to rename.
      const done = error instanceof SftpRefusal && !(await this.look(from)) && (await this.look(to));
      if (!done) throw error;
    }
  }

  /** Puts a file in the place of another one, at once. */
  async replace(from: string, to: string): Promise<void> {
    try {
      await this.#ask<void>(`replace ${to}`, (sftp, done) => sftp.ext_openssh_rename(from, to, done));
    } catch (error) {
      // As in `rename`.
      if (!(error instanceof SftpRefusal && !(await this.look(from)) && (await this.look(to)))) throw error;
    }
  }

  /** Removes a folder with all that is in it. */
  async removeTree(path: string): Promise<void> {
    for (const { name, kind } of (await this.look(path)) ? await this.entries(path) : []) {
      if (kind === 'folder') await this.removeTree(`${path}/${name}`);
      else await this.removeFile(`${path}/${name}`);
    }
    await this.removeFolder(path);
  }

  async removeFile(path: string): Promise<void> {
    await absentIsFine(this.#ask<void>(`remove ${path}`, (sftp, done) => sftp.unlink(path, done)));
  }

  async removeFolder(path: string): Promise<void> {
    await absentIsFine(this.#ask<void>(`remove ${path}`, (sftp, done) => sftp.rmdir(path, done)));
  }

  /** Free bytes for this user, or undefined where the server does not tell. */
  async freeBytes(folder: string): Promise<number | undefined> {
    const { f_bavail, f_frsize } = await this.#ask<{ f_bavail: number; f_frsize: number }>(
      `ask for free space of ${folder}`,
      (sftp, done) => sftp.ext_openssh_statvfs(folder, done),
    ).catch((error: unknown) => {
      if (error instanceof FiredrillError) throw error;
      return { f_bavail: Number.NaN, f_frsize: 0 };
    });
    return Number.isNaN(f_bavail) ? undefined : Number(f_bavail) * Number(f_frsize);
  }

  /** Writes `content` into a file from `start` on; what the file held from there on is gone. It is synced at the end. */
  async write(path: string, content: AsyncIterable<Buffer>, start = 0): Promise<void> {
    const file = new RemoteFile(path, start === 0 ? 'w' : 'r+');
    let offset = start;
    try {
      await this.#transfer((session) => file.on(session));
      for await (const batch of batches(content)) {
        await this.#throttle.take(batch.length);
        await this.#transfer(async (session) => session.writeAll(await file.on(session), batch, offset));
        offset += batch.length;
      }
      await this.#transfer(async (session) => session.sync(await file.on(session)));
    } catch (error) {
      throw await this.#explained(error, path);
    } finally {
      await file.close();
    }
  }

  /** The bytes of a file, from its start to its end. */
  async *read(path: string): AsyncGenerator<Buffer> {
    const file = new RemoteFile(path, 'r');
    try {
      const bytes = await this.#transfer(async (session) => session.sizeOf(await file.on(session)));
      const at = async (offset: number) => {
        const wanted = Math.min(batchBytes, bytes - offset);
        await this.#throttle.take(wanted);
        return this.#transfer(async (session) => session.readAll(await file.on(session), offset, wanted));
      };
      let next = bytes > 0 ? at(0) : undefined;
      for (let offset = 0; next; ) {
        const batch = await next;
        offset += batch.length;
        if (batch.length === 0) throw new SftpRefusal('EIO', `${path} became shorter while it was read`);
        next = offset < bytes ? at(offset) : undefined;
        // Awaited in the next round; a reader that goes away does not.
        next?.catch(() => {});
        yield batch;
      }
    } finally {
      await file.close();
    }
  }

  /** By the server's own sha256sum where the account may run it; else the file is read back. */
  async digest(path: string): Promise<Digest> {
    // Whatever goes wrong with it, the file can still be read.
    const there = this.#hashes ? await this.#hashedThere(path).catch(() => undefined) : undefined;
    this.#hashes = there !== undefined;
    return there ?? digestOf(this.read(path));
  }

  async [Symbol.asyncDispose]() {
    await this.#connector.close();
  }

  async #hashedThere(path: string): Promise<Digest | undefined> {
    const { client, lost } = await this.#connector.connect();
    const answer = new Promise<string>((resolve, reject) => {
      client.exec(`sha256sum < ${shellQuote(path)}`, (error, channel) => {
        if (error) return reject(error);
        let text = '';
        channel.on('data', (chunk: Buffer) => {
          text = (text + chunk.toString('latin1')).slice(0, 100);
        });
        channel.stderr.resume();
        channel.once('close', () => resolve(text));
        // An account that runs nothing but SFTP waits for its first request.
        channel.end();
      });
    });
    const said = await Promise.race([answer, lost]);
    const sha256 = /^([0-9a-f]{64}) {2}-\n$/.exec(said)?.[1];
    const bytes = sha256 === undefined ? undefined : (await this.look(path))?.bytes;
    return sha256 === undefined || bytes === undefined ? undefined : { sha256, bytes };
  }

  #ask<T>(what: string, request: SftpRequest<T>): Promise<T> {
    return this.#transfer((session) => session.ask(what, request));
  }

  /** Does it again on a new connection when the link was cut; it must be such that this does no harm. */
  async #transfer<T>(work: (session: SftpSession) => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        const session = await this.#connected();
        this.#wasConnected = true;
        return await work(session);
      } catch (error) {
        const pauseMs = this.#pausesMs[tries];
        if (!this.#wasConnected || pauseMs === undefined || !isFiredrillError(error, 'HOST_UNREACHABLE')) throw error;
        await sleep(pauseMs);
      }
    }
  }

  #connected(): Promise<SftpSession> {
    if (this.#session) return this.#session;
    const session = this.#connector.connect().then((connection) => SftpSession.open(this.#label, connection));
    this.#session = session;
    const forget = () => {
      if (this.#session === session) this.#session = undefined;
    };
    session.then(({ over }) => over).catch(forget);
    return session;
  }

  /** OpenSSH's server says only `Failure` when its disk is full. */
  async #explained(error: unknown, path: string): Promise<unknown> {
    if (!(error instanceof SftpRefusal) || error.code !== 'EIO') return error;
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0)) || '.';
    const free = await this.freeBytes(folder).catch(() => undefined);
    return free !== undefined && free < batchBytes
      ? new SftpRefusal('ENOSPC', `no space is left: ${path}`, error)
      : error;
  }
}

async function* batches(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < batchBytes) continue;
    yield Buffer.concat(waiting);
    [waiting, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

function whatIs(stats: Stats): Omit<RemoteEntry, 'name'> {
  if (stats.isFile()) return { kind: 'file', bytes: stats.size };
  return { kind: stats.isDirectory() ? 'folder' : 'other', bytes: 0 };
}

async function absentIsFine(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof SftpRefusal) || error.code !== 'ENOENT') throw error;
  });
}
