import { cpSync } from 'node:fs';
import { extname, join } from 'node:path';

// What the compiler leaves out: templates, examples, fonts. It runs after it, on whichever Node builds.

const root = join(import.meta.dirname, '..');

cpSync(join(root, 'src'), join(root, 'dist'), {
  recursive: true,
  filter: (path) => extname(path) !== '.ts',
});
