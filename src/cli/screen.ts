import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';

/** Where results go. */
export interface Printer {
  print(text: string): void;
}

/** stdout, for results. A reader that has seen enough (`| head`) is no error; a full disk behind it is. */
export class Screen implements Printer {
  readonly #stream: NodeJS.WriteStream;
  #failure: Error | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on('error', (error: Error) => {
      this.#failure ??= error;
    });
  }

  print(text: string): void {
    if (!this.#failure) this.#stream.write(`${text}\n`);
  }

  /** Waits until all is written; throws when the result did not get out. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
    if (!this.#failure || systemCode(this.#failure) === 'EPIPE') return;
    const sentence = `the result could not be written: ${messageOf(this.#failure)}`;
    throw new FiredrillError('FILE_WRITE', sentence, { cause: this.#failure });
  }
}
