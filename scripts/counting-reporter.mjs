// Mocha's own `spec` reporter, which also writes its counts to the file named by FIREDRILL_COUNTS when all is over.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const planned = runner.total;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.FIREDRILL_COUNTS, JSON.stringify({ planned, passes, failures, pending }));
    });
  }
}
