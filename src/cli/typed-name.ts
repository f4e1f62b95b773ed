/** A name that can be typed into a shell as it is: only such names are put into commands that are proposed. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9:_.,-]{0,199}$/.test(name);
}
