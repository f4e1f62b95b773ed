// Everything read from a backup, a server or a tool is untrusted text: it may hold terminal escapes or line breaks.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** One line, safe for a terminal, a log or a mail header: control characters become `\xNN`, the rest stays. */
export function plainLine(text: string, maxLength = 500): string {
  // Cut first: a text may be as long as a backup.
  const line = text
    .slice(0, maxLength + 1)
    .replaceAll(control, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return shortened(line, maxLength);
}

/** At most `maxLength` characters, the last one an ellipsis where more was cut off. */
export function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}

/** `1 table`, `2 tables`; thousands are set apart: `1,000,000 rows`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? singular : plural}`;
}
