#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node

// MALLOC_ARENA_MAX, for glibc reads it when a process begins: with an arena for each thread that decompresses, 20 to 25 MB more are
// held after a few gigabytes (measured).

const oldest = 24;

// Before anything else is loaded: an older Node would stumble over a module and say something else.
if (Number(process.versions.node.split('.')[0]) < oldest) {
  process.stderr.write(
    `error [USAGE] firedrill needs Node ${oldest} or newer; this is ${process.versions.node} (${process.execPath})\n` +
      '  next: install a newer Node, such as from nodejs.org, and put it first on the PATH\n',
  );
  process.exit(2);
}

const { boundHeap } = await import('./cli/heap.ts');
boundHeap();
const { run } = await import('./cli/run.ts');
// Not left to an empty event loop: a connection kept alive would delay the end.
process.exit(await run(process.argv.slice(2)));
