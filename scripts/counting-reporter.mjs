// Mocha's own `spec` reporter, which also writes its counts and what failed to the file named by FIREDRILL_COUNTS when
// all is over, and says what is still open when the process does not end then.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const planned = runner.total;
    const failed = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error) => {
      failed.push({ title: test.fullTitle(), why: String(error?.stack ?? error) });
    });
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.FIREDRILL_COUNTS, JSON.stringify({ planned, passes, failures, pending, failed }));
      setTimeout(() => process.stderr.write(`still open after the last test: ${stillOpen()}\n`), 5_000).unref();
    });
  }
}

/** Node names the kinds; of processes and sockets more is known, and helps to find the test that left them. */
function stillOpen() {
  const kinds = process.getActiveResourcesInfo().filter((kind) => !['TTYWrap', 'PipeWrap'].includes(kind));
  const handles = process._getActiveHandles().map((handle) => {
    if (handle.spawnargs) return `process ${handle.pid}: ${handle.spawnargs.join(' ')}`;
    const { remoteAddress, remotePort, localPort, path } = handle;
    return remoteAddress
      ? `connection ${localPort} to ${remoteAddress}:${remotePort}`
      : (path ?? handle.constructor.name);
  });
  return [...kinds, ...handles].join(', ');
}
