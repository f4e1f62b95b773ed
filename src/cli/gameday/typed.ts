import { didYouMean } from '../../kit/did-you-mean.ts';

/** What somebody typed at the prompt of a game day. */
export type Typed =
  | { do: 'nothing' | 'hint' | 'status' | 'recovered' | 'give up' | 'abort' | 'leave' | 'help' }
  | { do: 'detected' | 'decided'; text: string }
  | { do: 'rebuild'; service: string }
  /** `meant`: a word that it may have been meant for. */
  | { do: 'note'; text: string; meant: string | undefined };

const alone = ['hint', 'status', 'recovered', 'give up', 'abort', 'leave', 'help'] as const;
const words = [...alone, 'detected', 'decided', 'note', 'rebuild'];

/** Whatever is no word of the prompt is a note: in a disaster nobody thinks of syntax. */
export function typedOf(line: string): Typed {
  const text = line.trim().replaceAll(/\s+/g, ' ');
  if (text === '') return { do: 'nothing' };
  const word = alone.find((each) => each === text.toLowerCase());
  if (word) return { do: word };
  const [first = '', ...rest] = text.split(' ');
  const after = rest.join(' ');
  switch (first.toLowerCase()) {
    case 'detected':
    case 'decided':
      return { do: first.toLowerCase() as 'detected' | 'decided', text: after };
    case 'note':
      return after === '' ? { do: 'nothing' } : { do: 'note', text: after, meant: undefined };
    case 'rebuild':
      if (rest.length === 1) return { do: 'rebuild', service: after };
  }
  return { do: 'note', text, meant: meantBy(text, first, rest.length) };
}

/** `recovered, I think` was meant for a claim; a typing mistake in one word, too. */
function meantBy(text: string, first: string, more: number): string | undefined {
  const plain = first.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (more > 0 && more < 4 && ['recovered', 'abort', 'hint'].includes(plain)) return plain;
  return more > 1 ? undefined : didYouMean(text.toLowerCase(), words);
}
