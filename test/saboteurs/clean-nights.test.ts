import { expect } from 'chai';
import { cleanNights, defaultNights } from './clean-nights/clean-nights.ts';
import { type CleanNight, nightLine, totalsOfNights } from './clean-nights/judging.ts';

const nights = defaultNights;

describe('clean drills', function () {
  this.timeout(nights * 90_000);

  it(`pass ${nights} nights in a row, though something changes in each, and find the one fault that each plants`, async () => {
    const done: CleanNight[] = [];
    for await (const night of cleanNights(nights)) {
      done.push(night);
      process.stdout.write(`    ${nightLine(night)}\n`);
    }
    const { line, allWell } = totalsOfNights(done);
    process.stdout.write(`    ${line}\n`);
    expect(done).to.have.length(nights);
    expect(allWell, line).to.equal(true);
    expect(done.at(-1)?.compared.toSorted(), 'what is unusual was judged').to.deep.equal([
      ...['agama', 'grafana', 'latency', 'telegraf'],
    ]);
  });
});
