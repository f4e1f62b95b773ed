import { registerHooks } from 'node:module';

/** Imported before a program: says at its end on stderr which packages were loaded, `import` and `require` alike. */
const packages = new Set<string>();
registerHooks({
  load(url, context, next) {
    const found = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
    if (found) packages.add(found);
    return next(url, context);
  },
});
process.on('exit', () => process.stderr.write(`loaded: ${[...packages].toSorted().join(' ')}\n`));
