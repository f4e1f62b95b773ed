const knownTags = new Set(
  'html head meta title style body header main footer section article div h1 h2 h3 p span b dl dt dd ul ol li figure svg rect line text details summary table caption thead tbody tr th td code'.split(
    ' ',
  ),
);

/** What the index of all drills has beside a report's tags. */
export const indexTags = ['a', 'abbr', 'br', 'figcaption', 'img', 'nav', 'picture', 'source'];

/**
 * Everything in a page that is not one of the templates' own tags with well-formed attributes, or that could be more
 * than text: what slipped through the escaping. The style sheet is left out; it holds no data.
 */
export function strangeMarkup(html: string, more: readonly string[] = []): string[] {
  const page = html.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '');
  const strange: string[] = [];
  const rest = page.replaceAll(
    /<(\/?)([a-z0-9]+)((?: [a-z0-9-]+="[^"<>]*"| open)*)\/?>/g,
    (tag, _, name, attributes) => {
      if (!(knownTags.has(name) || more.includes(name)) || /\son[a-z]+=|javascript:| style=/i.test(attributes))
        strange.push(tag);
      return '';
    },
  );
  return [...strange, ...(rest.match(/.{0,20}[<>"'`].{0,20}/g) ?? [])];
}

/** The page's text without its tags, entities decoded: what a reader sees. */
export function textOf(html: string): string {
  return html
    .replace(/<style>[^<]*<\/style>/, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&#x3D;', '=')
    .replaceAll('&#x60;', '`')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The text of one section, by its heading's id. */
export function sectionOf(html: string, id: string): string {
  const section = html.split('<section ').find((each) => each.startsWith(`aria-labelledby="${id}"`));
  return textOf(section?.slice(section.indexOf('>') + 1) ?? '');
}
