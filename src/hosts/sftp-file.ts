import type { SftpSession } from './sftp-session.ts';

/** A file that is opened anew on each session: handles die with their connection. */
export class RemoteFile {
  readonly #path: string;
  #flags: 'r' | 'r+' | 'w';
  #opened: { session: SftpSession; handle: Buffer } | undefined;

  constructor(path: string, flags: 'r' | 'r+' | 'w') {
    this.#path = path;
    this.#flags = flags;
  }

  async on(session: SftpSession): Promise<Buffer> {
    if (this.#opened?.session === session) return this.#opened.handle;
    const flags = this.#flags;
    const handle = await session.ask<Buffer>(`open ${this.#path}`, (sftp, done) => sftp.open(this.#path, flags, done));
    this.#opened = { session, handle };
    // What is there by now is ours, and stays.
    if (flags === 'w') this.#flags = 'r+';
    return handle;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    if (!opened) return;
    await opened.session
      .ask<void>('close', (sftp, done) => sftp.close(opened.handle, done))
      .catch(() => {
        // It died with its connection, or was written and synced: nothing is lost.
      });
  }
}
