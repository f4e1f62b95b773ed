import { expect } from 'chai';
import { describeBackup, runBackup } from '../../../src/cli/backup.ts';
import type { AnyEngine } from '../../../src/engines/engine.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import type { Heartbeat } from '../../../src/model/journal.ts';
import { composedOf } from '../../support/composed.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { fileEngine } from '../../support/file-engine.ts';

const never = new AbortController().signal;

/** Backs `one`, `two` and `three` up, of which `two` wants no heartbeat, with an engine that writes them so. */
async function backedUp(beat: (service: string, heartbeat: Heartbeat) => void) {
  const given = await drillFixture();
  const engine: AnyEngine = {
    ...fileEngine,
    beat: async ({ service }, heartbeat) => beat(service, heartbeat),
  };
  const composed = composedOf(given.vault, engine, ['one', 'two', 'three'], { heartbeats: ['one', 'three'] });
  const run = () => runBackup(composed, { names: [], full: true }, never, true);
  return { outcome: await run(), [Symbol.asyncDispose]: () => given[Symbol.asyncDispose]() };
}

describe('runBackup', () => {
  it('writes one random heartbeat for all services of a run that want one', async () => {
    const seen: [string, Heartbeat][] = [];
    for (let i = 0; i < 2; i += 1) {
      await using given = await backedUp((service, heartbeat) => void seen.push([service, heartbeat]));
      expect(given.outcome.failed).to.deep.equal([]);
      expect(given.outcome.done.map((each) => each.noHeartbeat)).to.deep.equal([null, null, null]);
    }
    expect(seen.map(([service]) => service)).to.deep.equal(['one', 'three', 'one', 'three']);
    const [first, second, other] = seen.map(([, { id }]) => id);
    expect(first).to.match(/^[0-9a-f]{32}$/);
    expect(second).to.equal(first);
    expect(other).to.not.equal(first);
  });

  it('says in the result why there is no heartbeat, in one safe line, and backs up all the same', async () => {
    await using given = await backedUp((service) => {
      if (service === 'one') throw new FiredrillError('SOURCE_DENIED', 'INSERT denied\u001b[2J to firedrill');
    });
    const [one, two, three] = given.outcome.done.map(describeBackup);
    expect(one).to.match(
      /^one: \S+: full, .* s; no heartbeat was written: INSERT denied\\x1b\[2J to firedrill \(Check the account of this service and its grants\.\)$/,
    );
    expect(two).to.not.contain('heartbeat');
    expect(three).to.not.contain('heartbeat');
  });

  it('fails the service when its heartbeat shows that it cannot be reached', async () => {
    await using given = await backedUp((service) => {
      if (service === 'three') throw new FiredrillError('SOURCE_UNREACHABLE', 'nobody is there');
    });
    expect(given.outcome.done.map((each) => each.service)).to.deep.equal(['one', 'two']);
    expect(given.outcome.failed.map((each) => each.error.code)).to.deep.equal(['SOURCE_UNREACHABLE']);
  });
});
