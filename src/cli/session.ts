import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { loadConfig, readConfig } from '../config/load.ts';
import type { AnyEngine } from '../engines/engine.ts';
import { FiredrillError } from '../kit/errors.ts';
import { compose, type Surroundings, type VaultChoice } from './compose.ts';
import type { Composed } from './context.ts';
import type { Printer } from './screen.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  config?: string;
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  /** A folder in which this run records its begin and its end. */
  runRecord?: string;
}

/** One run of the program, as its commands see it. */
export class Session {
  readonly engines: readonly AnyEngine[];
  readonly environment: Environment;
  /** Aborted by Ctrl-C, SIGTERM or a crash. */
  readonly signal: AbortSignal;
  readonly screen: Printer;
  options: GlobalOptions = {};
  /** What the program will end with. */
  status = 0;
  /** The folder of the report that was written. */
  report: string | undefined;
  /** In one line, what came of it. */
  summary: string | undefined;

  constructor(parts: Pick<Session, 'engines' | 'environment' | 'signal' | 'screen'>) {
    this.engines = parts.engines;
    this.environment = parts.environment;
    this.signal = parts.signal;
    this.screen = parts.screen;
  }

  get configFile(): string {
    return this.options.config ?? this.environment.configFile ?? 'firedrill.yaml';
  }

  get surroundings(): Surroundings {
    return { engines: this.engines, dockerHost: this.environment.dockerHost };
  }

  /** No progress: it was asked for, or stderr is for a program. */
  get quiet(): boolean {
    return this.options.quiet === true || this.options.json === true;
  }

  config(): Promise<Config> {
    return loadConfig(this.configFile, this.engines, this.environment);
  }

  /** Without the secrets, which are missed when they are used: for commands that reach nothing, or only a mail server. */
  async configForReading(): Promise<Config> {
    return (await readConfig(this.configFile, this.engines, this.environment)).config;
  }

  async composed(choice: VaultChoice = {}): Promise<Composed> {
    return compose(await this.config(), this.surroundings, choice);
  }

  /** For commands that reach no source: they need none of the secrets, which a machine that only drills does not have. */
  async composedForReading(choose: (config: Config) => VaultChoice | Promise<VaultChoice>): Promise<Composed> {
    const config = await this.configForReading();
    return compose(config, this.surroundings, await choose(config));
  }

  /** The result: text for people, or the same as JSON. */
  show(text: string, value: unknown): void {
    this.screen.print(this.options.json ? JSON.stringify(value, null, 1) : text);
  }

  /** Something beside the result, for people: on stderr, and not where a program reads. */
  remark(text: string): void {
    if (!this.options.json) process.stderr.write(`${text}\n`);
  }

  /** Ends waiting for work that leaves nothing behind when it is interrupted. */
  async interruptible<T>(work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = () => reject(new FiredrillError('INTERRUPTED', 'interrupted'));
    if (this.signal.aborted) stop();
    this.signal.addEventListener('abort', stop, { once: true });
    work.catch(() => {});
    try {
      return await Promise.race([work, promise]);
    } finally {
      this.signal.removeEventListener('abort', stop);
    }
  }
}
