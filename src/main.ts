#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node
import { setFlagsFromString } from 'node:v8';

// MALLOC_ARENA_MAX, for glibc reads it when a process begins: with an arena for each thread that decompresses, 20 to 25 MB more are
// held after a few gigabytes (measured).
//
// Bytes only pass through: a young generation that grows would cost 80 MB at the peak, and gain nothing (measured). The old one may
// be twice as large as what lives in it, no more: up to 100 MB less at the peak. What buffers hold counts as well: at half as large
// again, a backup collected its garbage seven times as often, which took a tenth of its processor time for 5 MB (measured).
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=100');

const oldest = 24;

// Before anything else is loaded: an older Node would stumble over a module and say something else.
if (Number(process.versions.node.split('.')[0]) < oldest) {
  process.stderr.write(
    `error [USAGE] firedrill needs Node ${oldest} or newer; this is ${process.versions.node} (${process.execPath})\n` +
      '  next: install a newer Node, such as from nodejs.org, and put it first on the PATH\n',
  );
  process.exit(2);
}

const { run } = await import('./cli/run.ts');
// Not left to an empty event loop: a connection kept alive would delay the end.
process.exit(await run(process.argv.slice(2)));
