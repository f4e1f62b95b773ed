import pino from 'pino';

/** Facts beside a message: plain data. */
export type Facts = Readonly<Record<string, unknown>>;

/** The daemon's log: a line of JSON each, which no control character can break. */
export interface Log {
  info(facts: Facts, message: string): void;
  warn(facts: Facts, message: string): void;
  error(facts: Facts, message: string): void;
}

/** `write` gets whole lines, and is never waited for: nothing said is lost when the process is killed. */
export function openLog(write: (line: string) => void): Log {
  const options = {
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
  };
  return pino(options, { write: (line) => write(line.trimEnd()) });
}
