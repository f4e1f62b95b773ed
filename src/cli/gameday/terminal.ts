import { createInterface, type Interface } from 'node:readline';

/** A line, or what came in its place: Ctrl-C, the end of the input, an order to stop. */
export type Line = { text: string } | 'interrupt' | 'end' | 'stop';

/** Where a game day is talked through. */
export interface Terminal {
  print(text: string): void;
  /** Waits for the next line. `prompt` is asked for anew each second, where somebody sees it. */
  ask(prompt: () => string): Promise<Line>;
}

const tickMs = 1_000;

/** A terminal, or a pipe: then no prompt is shown, and lines are taken as they come. */
export class LineTerminal implements Terminal, Disposable {
  readonly #interface: Interface;
  readonly #output: NodeJS.WritableStream;
  readonly #isLive: boolean;
  readonly #waiting: Line[] = [];
  readonly #signal: AbortSignal;
  #take: ((line: Line) => void) | undefined;
  #closed = false;

  constructor(
    input: NodeJS.ReadableStream & { isTTY?: boolean },
    output: NodeJS.WritableStream & { isTTY?: boolean },
    signal: AbortSignal,
  ) {
    this.#output = output;
    this.#signal = signal;
    this.#isLive = input.isTTY === true && output.isTTY === true;
    this.#interface = createInterface({ input, output: this.#isLive ? output : undefined, terminal: this.#isLive });
    this.#interface.on('line', (text) => this.#give({ text }));
    // In raw mode Ctrl-C is a key; elsewhere it is a signal, which stops all of firedrill.
    this.#interface.on('SIGINT', () => this.#give('interrupt'));
    this.#interface.on('close', () => {
      this.#closed = true;
      this.#give('end');
    });
    signal.addEventListener('abort', () => this.#give('stop'), { once: true });
  }

  print(text: string): void {
    this.#output.write(`${text}\n`);
  }

  async ask(prompt: () => string): Promise<Line> {
    if (this.#signal.aborted) return 'stop';
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting;
    if (this.#closed) return 'end';
    using _ticking = this.#ticking(prompt);
    return await new Promise<Line>((resolve) => {
      this.#take = resolve;
    });
  }

  [Symbol.dispose](): void {
    this.#interface.close();
  }

  #ticking(prompt: () => string): Disposable {
    // `prompt` has a say each second whether or not it is shown: it is the pulse of the game day.
    const tick = () => {
      const text = prompt();
      if (!this.#isLive) return;
      this.#interface.setPrompt(text);
      this.#interface.prompt(true);
    };
    tick();
    const timer = setInterval(tick, tickMs);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  #give(line: Line): void {
    const take = this.#take;
    this.#take = undefined;
    if (take) take(line);
    else this.#waiting.push(line);
  }
}
