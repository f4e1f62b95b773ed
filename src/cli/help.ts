import type { ExitStatus } from '../kit/errors.ts';

const meanings: Record<ExitStatus, string> = {
  0: 'all is well',
  1: 'the harness failed: something could not be done or reached',
  2: 'wrong usage or configuration',
  3: 'the backup is not good',
  4: 'inconclusive: the backup could not be looked at, which is no word about it',
  5: 'somebody who was to be told was not: mail, webhook or metrics',
  10: 'no such set: the vault holds no backup of it',
  11: 'locked by another run',
  130: 'interrupted; nothing was left behind',
};

const width = 80;

/**
 * What stands below a command's options: what it does and does not check, and its exit statuses, with a command's own words
 * where they say more. Paragraphs are parted by empty lines; their line breaks are of no meaning.
 */
export function about(prose: string, ...those: (ExitStatus | [ExitStatus, string])[]): string {
  const paragraphs = prose.split(/\n\n+/).map((each) => wrap(each, width));
  const lines = those
    .map((each) => (typeof each === 'number' ? ([each, meanings[each]] as const) : each))
    .map(
      ([status, text]) =>
        `  ${String(status).padEnd(5)}${wrap(text, width - 7).replaceAll('\n', `\n${' '.repeat(7)}`)}`,
    );
  return `\n${paragraphs.join('\n\n')}\n\nExit status:\n${lines.join('\n')}`;
}

/** Lines of whole words; the text's own line breaks are of no meaning. */
export function wrap(text: string, columns: number): string {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
