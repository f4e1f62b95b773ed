import { styleText } from 'node:util';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';

export interface ErrorForm {
  /** What the error is about, put before the sentence. */
  service?: string | undefined;
  /** One line of JSON instead of text. */
  json?: boolean | undefined;
  /** With the stack, and those of the causes. */
  debug?: boolean | undefined;
}

/** What happened, why, and the next command to type; on stderr. Colour only on a terminal that wants it. */
export function printError(error: unknown, form: ErrorForm = {}): void {
  process.stderr.write(describeError(knownError(error), form));
}

export function describeError(error: FiredrillError, form: ErrorForm): string {
  return form.json ? `${JSON.stringify(errorAsJson(error, form))}\n` : errorAsText(error, form);
}

/** Whatever was thrown, as an error with a code. */
export function knownError(error: unknown): FiredrillError {
  if (error instanceof FiredrillError) return error;
  return new FiredrillError('INTERNAL', messageOf(error), { cause: error, hint: internalHint });
}

const internalHint = 'This is a fault of firedrill. Run the same with --debug, and report what it prints.';

function errorAsText(error: FiredrillError, { service, debug }: ErrorForm): string {
  const about = service === undefined ? '' : `${service}: `;
  const lines = [
    `${styleText('red', 'error', { stream: process.stderr })} [${error.code}] ${plainLine(about + error.message)}`,
    ...error.detail.map((line) => `  ${plainLine(line)}`),
    `  next: ${plainLine(error.hint)}`,
    ...(debug ? stackOf(error).map((line) => `  ${plainLine(line)}`) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function errorAsJson(error: FiredrillError, { service, debug }: ErrorForm) {
  const { code, message, detail, hint, exit: exitStatus } = error;
  const more = { ...(service === undefined ? {} : { service }), ...(debug ? { stack: stackOf(error) } : {}) };
  return { error: { code, message, detail, hint, exitStatus, ...more } };
}

function stackOf(error: FiredrillError): string[] {
  const stacks: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) stacks.push(each.stack ?? each.message);
  return stacks.join('\ncaused by\n').split('\n');
}

/** Columns of equal width; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const plain = rows.map((row) => row.map((cell) => plainLine(cell)));
  // Not Math.max of all at once: rows may be more than a call takes arguments.
  const widths = rows[0]?.map((_, i) => plain.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0)) ?? [];
  return plain
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
