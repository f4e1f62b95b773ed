import { randomBytes } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import type { Command } from './host.ts';

/**
 * Neither docker exec nor ssh tells the process id of a tool, and without it a tool cannot be ended. So a line of `sh`
 * says it on stderr, and then becomes the tool: same process, and leader of its process group.
 */
export function preamble({ largeWrites = false }: Pick<Command, 'largeWrites'>): string {
  return `command -v "$1" >/dev/null 2>&1 || { echo "$firedrill missing" >&2; exit 127; }
echo "$firedrill $$" >&2; unset firedrill; ${largeWrites ? writeLarge : ''}exec "$@"`;
}

/** Where there is no stdbuf, or none that works, the tool writes as it always does. */
const writeLarge = 'stdbuf -o256K true >/dev/null 2>&1 && set -- stdbuf -o256K "$@"\n';

/** As `sh -c` script with the arguments signal and process id. */
export const killScript = 'kill -s "$1" -- "-$2" 2>/dev/null || kill -s "$1" "$2" 2>/dev/null';

/** Marks the preamble's line; whatever a login shell says before it is passed on. */
export function newToken(): string {
  return `firedrill-${randomBytes(8).toString('hex')}`;
}

/** What the preamble said: the tool's process id; `missing`; undefined when it did not run. */
export type Greeting = number | 'missing' | undefined;

const longestNoise = 65_536;

/** Takes the preamble's line out of a tool's stderr. */
export class GreetingFilter extends Transform {
  readonly greeting: Promise<Greeting>;
  readonly #resolve: (greeting: Greeting) => void;
  readonly #line: RegExp;
  #held = '';
  #greeted = false;

  constructor(token: string) {
    super();
    const { promise, resolve } = Promise.withResolvers<Greeting>();
    this.greeting = promise;
    this.#resolve = resolve;
    this.#line = new RegExp(`^${token} (missing|\\d+)\\n`, 'm');
    this.once('close', () => resolve(undefined));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    if (this.#greeted) return done(null, chunk);
    this.#held += chunk.toString('latin1');
    const [line, said] = this.#line.exec(this.#held) ?? [];
    if (line) this.#resolve(said === 'missing' ? 'missing' : Number(said));
    else if (this.#held.length < longestNoise) return done();
    this.#greeted = true;
    done(null, Buffer.from(line ? this.#held.replace(line, '') : this.#held, 'latin1'));
    this.#held = '';
  }

  override _flush(done: TransformCallback) {
    this.#resolve(undefined);
    done(null, Buffer.from(this.#held, 'latin1'));
  }
}
