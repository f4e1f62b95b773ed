import { styleText } from 'node:util';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';

/** What happened, why, and the next command to type; on stderr. Colour only on a terminal that wants it. */
export function printError(error: unknown, service?: string): void {
  const about = service === undefined ? '' : `${service}: `;
  const known =
    error instanceof FiredrillError ? error : new FiredrillError('INTERNAL', messageOf(error), { cause: error });
  const lines = [
    `${styleText('red', 'error', { stream: process.stderr })} [${known.code}] ${plainLine(about + known.message)}`,
    ...known.detail.map((line) => `  ${plainLine(line)}`),
    `  next: ${plainLine(known.hint)}`,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** Columns of equal width; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => plainLine(row[i] ?? '').length))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => plainLine(cell).padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
