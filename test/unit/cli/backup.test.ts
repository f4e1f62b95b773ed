import { expect } from 'chai';
import { type BackupOutcome, type DoneBackup, describeBackup, runBackup } from '../../../src/cli/backup.ts';
import type { AnyEngine } from '../../../src/engines/engine.ts';
import { systemClock } from '../../../src/kit/clock.ts';
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

  it('says in the result what was given up and begun anew before it worked, in one safe line', async () => {
    await using given = await drillFixture();
    const engine: AnyEngine = {
      ...fileEngine,
      backupFull: (source, sink, activity) => {
        const again = () =>
          activity.tell({ service: source.service, phase: 'retry', text: 'begun anew,\u001b[2J n=0' });
        if (source.service === 'one') again();
        return fileEngine.backupFull(source, sink, activity);
      },
    };
    const composed = composedOf(given.vault, engine, ['one', 'two'], { heartbeats: [] });
    const { done } = await runBackup(composed, { names: [], full: true }, never, true);
    expect(done.map(({ retries }) => retries.length)).to.deep.equal([1, 0]);
    expect(describeBackup(done[0] as DoneBackup)).to.match(/ s; begun anew,\\x1b\[2J n=0$/);
    expect(describeBackup(done[1] as DoneBackup)).to.not.contain('anew');
  });

  it('fails the service when its heartbeat shows that it cannot be reached', async () => {
    await using given = await backedUp((service) => {
      if (service === 'three') throw new FiredrillError('SOURCE_UNREACHABLE', 'nobody is there');
    });
    expect(given.outcome.done.map((each) => each.service)).to.deep.equal(['one', 'two']);
    expect(given.outcome.failed.map((each) => each.error.code)).to.deep.equal(['SOURCE_UNREACHABLE']);
  });

  it('makes what is missing only, of the kind that is wanted, when it is told since when', async () => {
    await using given = await drillFixture();
    const composed = composedOf(given.vault, fileEngine, ['one', 'two'], { heartbeats: [] });
    const at = (time: string) => ({ ...systemClock, now: () => new Date(`2026-11-22T${time}Z`) });
    const run = (time: string, names: string[], full: boolean, since: string) =>
      runBackup(composed, { names, full, missingSince: new Date(`2026-11-22T${since}Z`) }, never, true, at(time));
    const made = ({ done, there }: BackupOutcome) => [done, there].map((each) => each.map(({ service }) => service));
    expect(made(await run('01:30:05', ['one'], false, '01:30:05.700'))).to.deep.equal([['one'], []]);
    // A promoted one counts: names tell the kind that it is.
    expect(made(await run('01:40:00', [], true, '01:30:05.700'))).to.deep.equal([['two'], ['one']]);
    expect(made(await run('01:50:00', ['one'], false, '01:50:00'))).to.deep.equal([['one'], []]);
    expect(made(await run('01:55:00', [], true, '01:45:00'))).to.deep.equal([['one', 'two'], []]);
    expect(made(await run('01:56:00', [], false, '01:30:00'))).to.deep.equal([[], ['one', 'two']]);
  });
});
