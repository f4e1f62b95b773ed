import { createRequire } from 'node:module';
import type Handlebars from 'handlebars';
import { lazily } from '../kit/lazily.ts';

const require = createRequire(import.meta.url);
const handlebars = lazily(() => require('handlebars') as typeof Handlebars);

/**
 * A template for HTML or XML. Every value is escaped; printing a name that the view does not have is an error,
 * not an empty place; nothing is read from a prototype. The instance is its own: nobody else can add a helper that writes raw.
 * Compiled when it is first rendered.
 */
export function compileTemplate<View>(source: string, partials: Record<string, string> = {}): (view: View) => string {
  const render = lazily(() => {
    const templates = handlebars().create();
    templates.registerPartial(partials);
    const strictly = { strict: true, noEscape: false, knownHelpersOnly: true, preventIndent: true };
    return templates.compile<View>(source, strictly);
  });
  return (view) => render()(view, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
}
