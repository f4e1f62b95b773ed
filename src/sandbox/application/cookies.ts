const maxCookies = 50;
const maxChars = 4_096;

/** Cookies of the one server that is visited: what it has set is sent back, whatever it says of path, age and domain. */
export class Cookies {
  readonly #values = new Map<string, string>();

  /** @param lines the values of Set-Cookie. Untrusted. */
  keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';');
      const [, name, value = ''] = /^\s*([^=\s]+)=([\x21-\x7e]*)\s*$/.exec(pair) ?? [];
      if (name === undefined || pair.length > maxChars) continue;
      const isOver = attributes.some((each) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(each));
      if (isOver) this.#values.delete(name);
      else if (this.#values.size < maxCookies || this.#values.has(name)) this.#values.set(name, value);
    }
  }

  /** The value of Cookie; undefined when there is none. */
  header(): string | undefined {
    if (this.#values.size === 0) return undefined;
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
