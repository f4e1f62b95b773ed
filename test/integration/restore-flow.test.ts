import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AnyEngine, Carrier, CarryJob } from '../../src/engines/engine.ts';
import { PlannedRestore } from '../../src/flow/restore.ts';
import type { RestoreOrder } from '../../src/flow/restore-order.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { Look } from '../../src/model/check.ts';
import { podDataFolder } from '../../src/model/sandbox.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService, noHost } from '../support/drill-fixture.ts';
import { type FileSettings, fileEngine } from '../support/file-engine.ts';
import { testKeys } from '../support/member.ts';
import { rejectionOf } from '../support/rejection.ts';

/** A target whose text is a variable; `onCarry` happens right after the first change. */
function textTarget(text: string, onCarry: (job: CarryJob<FileSettings>) => void = () => {}) {
  const settings = { content: text };
  const target = { service: 'one', host: noHost, settings };
  const carrier: Carrier<FileSettings> = {
    look: async ({ settings: { content } }) => ({
      holds: content === '' ? [] : [`a text of ${content.length} characters`],
      newest: null,
      backUpAs: { ...target, settings: { content } },
    }),
    carry: async (job) => {
      job.begin();
      settings.content = 'hal';
      onCarry(job);
      const { host } = job.restored.server;
      settings.content = await outputOf(host, { tool: 'cat', args: [`${podDataFolder}/content.txt`] });
      const look = new Look('content', 'one', 'texts', 1).sawOne();
      return { results: [look.result()], notes: ['it is a text'], place: 'the text' };
    },
  };
  return { target, settings, engine: { ...fileEngine, carrier } as AnyEngine };
}

describe('restore, with an engine of files', function () {
  this.timeout(120_000);

  async function company(made: ReturnType<typeof textTarget>) {
    const fixture = await drillFixture('one');
    const order: RestoreOrder = {
      drill: { ...fixture.order, services: [{ ...drillService('one'), engine: made.engine }] },
      ...{ target: made.target, targetName: 'other', reason: 'bad-change', unproven: false, timeZone: 'UTC' },
      safetyFolder: join(fixture.folder, 'safety'),
      signingKey: async () => testKeys.privateKey,
      goBack: (folder) => `firedrill restore one --safety-copy ${folder}`,
    };
    const restore = async (change: Partial<RestoreOrder> = {}, signal?: AbortSignal) => {
      const activity = testActivity(signal);
      const planned = await PlannedRestore.make({ ...order, ...change }, activity);
      return planned.run(true, activity);
    };
    /** One byte of the newest backup is another one. */
    const spoil = () => writeFile(join(fixture.memberFolder('one'), 'content.txt'), 'not what was sealed');
    return { order, restore, spoil, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
  }

  it('proves, keeps what is there, carries, and tells it all in one journal', async () => {
    const made = textTarget('of before');
    await using given = await company(made);
    const { journal, error } = await given.restore();
    expect(error).to.equal(null);
    expect(made.settings.content).to.equal('the text of one');
    expect(journal.verdict).to.have.property('verdict', 'pass');
    expect(journal.verdict.sentence).to.match(
      /^one was restored into other: the text, to .*Z, in .*; 1 check there passed\.$/,
    );
    expect(journal.restore).to.deep.include({ outcome: 'restored', replaced: ['a text of 9 characters'] });
    expect(journal.notes).to.include('it is a text');
    expect(journal.phases.map(({ phase }) => phase)).to.include.members(['check', 'safety copy', 'carry']);
    const where = journal.restore?.safetyCopy?.where ?? '';
    expect(journal.restore?.safetyCopy?.goBack).to.equal(`firedrill restore one --safety-copy ${where}`);
  });

  it('writes nothing of a backup that is not good, and says to when it could be restored instead', async () => {
    const made = textTarget('of before');
    await using given = await company(made);
    await given.spoil();
    const { journal, error } = await given.restore();
    expect(error).to.equal(null);
    expect(made.settings.content).to.equal('of before');
    expect(journal).to.have.property('exitStatus', 3);
    expect(journal.verdict.sentence).to.match(
      /^Nothing was written into other\. The backup is not good: .*cannot be restored/,
    );
    expect(journal.restore).to.deep.include({ outcome: 'untouched', replaced: [], safetyCopy: null });
  });

  it("writes nothing where the user's own check does not hold, but for what a restore itself has replaced", async () => {
    const made = textTarget('of before');
    await using given = await company(made);
    const mine = { name: 'mine', question: { part: 'text' }, expectation: { equals: 'of before' }, withinMs: 10_000 };
    const services = given.order.drill.services.map((each) => ({ ...each, checks: [mine] }));
    const { journal } = await given.restore({ drill: { ...given.order.drill, services } });
    expect(journal.restore).to.deep.include({ outcome: 'untouched' });
    expect(journal.verdict.sentence).to.match(/^Nothing was written into other\. .*own check “mine” does not hold/);
    expect(made.settings.content).to.equal('of before');
    const again = await given.restore({ drill: { ...given.order.drill, services, ownChecks: false } });
    expect(again.journal.restore).to.deep.include({ outcome: 'restored' });
  });

  it('says that the target is not whole when it breaks off, how to go on and how to go back', async () => {
    const made = textTarget('of before', () => {
      throw new FiredrillError('TARGET_FAILED', 'other said: no');
    });
    await using given = await company(made);
    const { journal, error } = await given.restore();
    expect(made.settings.content).to.equal('hal');
    expect(error).to.include({ code: 'TARGET_FAILED', exit: 1 });
    expect(error?.message).to.equal(
      'the restore into other broke off, and what stands there is not whole: other said: no',
    );
    expect(error?.hint).to.match(
      /same command again, with --replace\. Or go back: firedrill restore one --safety-copy \//,
    );
    expect(journal.verdict).to.have.property('verdict', 'inconclusive');
    expect(journal.restore).to.include({ outcome: 'broke-off', carryMs: null });
  });

  it('tells an interruption before the first change from one after it', async () => {
    const stop = new AbortController();
    const made = textTarget('of before', () => {
      stop.abort();
      throw new FiredrillError('INTERRUPTED', 'the work was interrupted');
    });
    await using given = await company(made);
    const { journal, error } = await given.restore({}, stop.signal);
    expect(error).to.include({ code: 'INTERRUPTED', exit: 130 });
    expect(error?.message).to.match(/^the restore into other broke off, and what stands there is not whole/);
    expect(journal.restore?.safetyCopy).to.not.equal(null);

    const early = new AbortController();
    const activity = testActivity(early.signal);
    const planned = await PlannedRestore.make(given.order, activity);
    early.abort();
    const untouched = await rejectionOf(planned.run(true, activity));
    expect(untouched).to.include({ code: 'INTERRUPTED' });
    expect(untouched.message).to.equal('the restore was interrupted before anything was written into other');
  });
});
