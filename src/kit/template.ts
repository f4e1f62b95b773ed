/**
 * Texts with places to fill in: `mysql://${agama.user}@…`. `$${` stands for `${` itself; one that is not closed is a place
 * that is named by all that is left, so that nobody knows it.
 */
const places = /\$\$\{|\$\{([^{}]*)\}|(\$\{.*)$/gs;

/** The names of all places, in their order. */
export function placesIn(template: string): string[] {
  return [...template.matchAll(places)].flatMap(([, name, unclosed]) => name ?? unclosed ?? []);
}

/** What is filled in is not looked at again. */
export function fillIn(template: string, textAt: (place: string) => string): string {
  return template.replaceAll(places, (all: string, name?: string, unclosed?: string) =>
    all === '$${' ? '${' : textAt(name ?? unclosed ?? ''),
  );
}
