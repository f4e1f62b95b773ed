import Handlebars from 'handlebars';

/**
 * A template for HTML or XML. Every value is escaped; printing a name that the view does not have is an error,
 * not an empty place; nothing is read from a prototype. The instance is its own: nobody else can add a helper that writes raw.
 */
export function compileTemplate<View>(source: string, partials: Record<string, string> = {}): (view: View) => string {
  const templates = Handlebars.create();
  templates.registerPartial(partials);
  const render = templates.compile<View>(source, {
    strict: true,
    noEscape: false,
    knownHelpersOnly: true,
    preventIndent: true,
  });
  return (view) => render(view, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
}
