/** Texts, quoted names, comments: whatever may hold words that mean nothing. An optimizer hint is one; `/*!` is code. */
const opaque =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|--(?=\s|$)[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?\*\//g;

const firstWords = new Set(['SELECT', 'WITH', 'TABLE', 'VALUES', 'SHOW']);
const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE']);

/**
 * Whether a text is one statement that does nothing but read. What it calls may still try to write: that the session
 * refuses.
 */
export function isReading(text: string): boolean {
  const bare = text.replaceAll(opaque, ' ').trim().replace(/;\s*$/, '');
  // A lone quote or comment never ends: nobody knows what it hides.
  if (/[;'"`]|\/\*/.test(bare)) return false;
  const words: string[] = bare.toUpperCase().match(/[\p{L}\p{N}_$]+/gu) ?? [];
  if (!firstWords.has(words[0] ?? '') || words.includes('INTO')) return false;
  return words[0] !== 'WITH' || !outermost(bare).some((word) => changing.has(word));
}

/** Words that stand in no bracket, in capitals: there `WITH …` says what it does. */
function outermost(bare: string): string[] {
  let depth = 0;
  let outer = '';
  for (const char of bare) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    outer += depth > 0 ? ' ' : char;
  }
  return outer.toUpperCase().match(/[\p{L}_]+/gu) ?? [];
}
