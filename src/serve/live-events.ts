import type { ServerResponse } from 'node:http';
import { answerHeaders } from './answer-headers.ts';
import { liveDrills } from './live-page.ts';
import type { liveView } from './live-view.ts';

const everyMs = 500;
const maxListeners = 16;

/** Sends what changes to all who listen, as server-sent events. It looks only while somebody does. */
export class LiveEvents implements Disposable {
  readonly #look: () => Promise<ReturnType<typeof liveView>>;
  readonly #listeners = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | undefined;
  #last = '';

  /** @param look what there is to see now */
  constructor(look: () => Promise<ReturnType<typeof liveView>>) {
    this.#look = look;
  }

  get isFull(): boolean {
    return this.#listeners.size >= maxListeners;
  }

  /** Answers with a stream that goes on until one of both ends it. */
  add(response: ServerResponse): void {
    response.writeHead(200, answerHeaders('text/event-stream; charset=utf-8', 'data'));
    response.write('retry: 1000\n\n');
    this.#listeners.add(response);
    response.once('close', () => this.#remove(response));
    if (this.#last !== '') response.write(this.#last);
    this.#timer ??= setInterval(() => void this.#send().catch(() => {}), everyMs);
    void this.#send().catch(() => {});
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const each of this.#listeners) each.end();
  }

  #remove(response: ServerResponse): void {
    this.#listeners.delete(response);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#last = '';
  }

  async #send(): Promise<void> {
    const event = `event: drills\ndata: ${JSON.stringify(liveDrills(await this.#look()))}\n\n`;
    if (event === this.#last || this.#listeners.size === 0) return;
    this.#last = event;
    for (const each of this.#listeners) {
      // Whoever does not read gets the next one, when he does.
      if (!each.writableNeedDrain) each.write(event);
    }
  }
}
