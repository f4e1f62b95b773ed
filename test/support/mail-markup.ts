const tags = new Set('html head meta title style body table tr td th br span p h2 img b code'.split(' '));
const attributes = new Set(
  'lang charset name content class style role align scope src width alt cellpadding cellspacing aria-hidden'.split(' '),
);

/**
 * Everything in a mail that is not one of the templates' own tags with well-formed attributes, or that would fetch something: what
 * slipped through the escaping.
 */
export function strangeInMail(html: string): string[] {
  const strange: string[] = [];
  const page = html.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '');
  const rest = page.replaceAll(/<(\/?)([a-z0-9]+)((?: [a-z-]+="[^"<>]*")*)>/g, (tag, _, name, own: string) => {
    const names = [...own.matchAll(/ ([a-z-]+)="/g)].map(([, each]) => each ?? '');
    const fetches = /url\(|javascript:|src="(?!cid:[a-z-]+@firedrill")/i.test(own);
    if (!tags.has(name) || names.some((each) => !attributes.has(each)) || fetches) strange.push(tag);
    return '';
  });
  return [...strange, ...(rest.match(/.{0,20}[<>"'`].{0,20}/g) ?? [])];
}
