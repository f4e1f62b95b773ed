import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { drill } from '../../src/flow/drill.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { ownOwner } from '../../src/kit/owner.ts';
import type { Journal } from '../../src/model/journal.ts';
import { journalSchema } from '../../src/model/journal-schema.ts';
import { timedDrillOf } from '../../src/model/restore-estimate.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { closedPort, whileRestoring } from '../support/file-engine.ts';
import { rejectionOf } from '../support/rejection.ts';

const docker = dockerClient();

const leftovers = async () => {
  const filters = { label: [`firedrill.owner=${ownOwner()}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const { Volumes } = await docker.listVolumes({ filters });
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith('firedrill-pod-'));
  const owners = await Promise.all(
    folders.map((name) => readFile(join(tmpdir(), name, 'owner'), 'utf8').catch(() => '')),
  );
  return [
    ...containers.map((each) => each.Id),
    ...(Volumes ?? []).map((each) => each.Name),
    ...owners.filter((o) => o === ownOwner()),
  ];
};

const outcomes = (journal: Journal, outcome: string) =>
  journal.checks.filter((each) => each.outcome === outcome).map((each) => `${each.service ?? 'drill'}/${each.check}`);

describe('drill', function () {
  this.timeout(60_000);

  afterEach(async () => {
    whileRestoring.current = undefined;
    expect(await leftovers(), 'left behind').to.deep.equal([]);
  });

  it('passes a good backup, and the journal says how', async () => {
    await using given = await drillFixture('one', 'two');
    const journal = await drill(given.order, testActivity());
    expect(journal.verdict, JSON.stringify(journal.checks, null, 1)).to.include({ verdict: 'pass' });
    expect(journal.exitStatus).to.equal(0);
    expect(journal.rto.usedMs).to.be.within(1, 60_000);
    expect(journal.ownCostMs).to.be.within(0, journal.rto.usedMs ?? 0);
    expect(journal.services.map((each) => each.readyMs !== null)).to.deep.equal([true, true]);
    expect(new Set(journal.phases.map((each) => each.phase))).to.include.all.keys(
      'plan',
      'fetch',
      'boot',
      'restore',
      'check',
      'dispose',
    );
    expect(journal.isolation.length).to.be.greaterThan(5);
    expect(journal.environment.docker).to.be.a('string');
    expect(JSON.parse(JSON.stringify(journal))).to.deep.equal(journal);
  });

  it('checks a service as soon as it is ready, with a low share of the processor while another is restored', async () => {
    await using given = await drillFixture('quick', 'slow');
    const shareOf = async (service: string) => {
      const filters = { label: [`firedrill.owner=${ownOwner()}`], name: [`-${service}-server`] };
      const [server] = await docker.listContainers({ filters });
      return (await docker.getContainer(server?.Id ?? 'none').inspect()).HostConfig.CpuShares;
    };
    const checked = Promise.withResolvers<void>();
    const shares: unknown[] = [];
    whileRestoring.current = async (signal, service) => {
      if (service === 'quick') return;
      await Promise.race([checked.promise, sleep(30_000, undefined, { signal })]);
      shares.push(await shareOf('quick'), await shareOf('slow'));
    };
    const { engine } = drillService('quick');
    const check: typeof engine.check = async (...args) => {
      const result = await engine.check(...args);
      checked.resolve();
      return result;
    };
    const services = given.order.services.map((each) => ({ ...each, engine: { ...engine, check } }));
    const journal = await drill({ ...given.order, services }, testActivity());
    expect(journal.verdict, JSON.stringify(journal.checks, null, 1)).to.include({ verdict: 'pass' });
    expect(shares).to.deep.equal([256, 0]);
    const phaseOf = (service: string, phase: string) =>
      journal.phases.find((each) => each.service === service && each.phase === phase);
    expect(phaseOf('quick', 'check')?.startMs).to.be.below(phaseOf('slow', 'restore')?.endMs ?? 0);
    expect(journal.rto.usedMs).to.equal(journal.services.find(({ service }) => service === 'slow')?.readyMs);
  });

  it('records beforehand how long it will take, by an earlier drill', async () => {
    await using given = await drillFixture('one');
    const first = await drill({ ...given.order, earlier: [] }, testActivity());
    expect(first.estimate).to.deep.include({ whole: null, past: null });
    const earlier = [timedDrillOf(first)].filter((each) => each !== undefined);
    const told: string[] = [];
    const tell = ({ phase, text }: { phase: string; text: string }) => told.push(`${phase}: ${text}`);
    const second = await drill({ ...given.order, earlier }, { ...testActivity(), tell });
    expect(second.estimate?.whole?.ms).to.be.closeTo(first.rto.usedMs ?? 0, 1);
    expect(second.estimate?.services[0]).to.include({ service: 'one', drills: 1, basis: 'same' });
    const estimated = told.findIndex((each) => /^plan: the restore will take about [\d.]+ s, between/.test(each));
    expect(estimated).to.be.within(
      0,
      told.findIndex((each) => each.startsWith('boot: ')),
    );
    expect(journalSchema.parse(JSON.parse(JSON.stringify(second)))).to.deep.equal(second);
  });

  it('names a changed byte as the manifest check, exit 3', async () => {
    await using given = await drillFixture('one', 'two');
    await appendFile(join(given.memberFolder('one'), 'content.txt'), 'x');
    const journal = await drill(given.order, testActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(outcomes(journal, 'fail')).to.include('one/manifest');
    expect(outcomes(journal, 'fail').every((each) => each.startsWith('one/'))).to.equal(true);
    expect(journal.verdict.sentence).to.match(/one: artifact content\.txt of .* is not what was sealed/);
    expect(outcomes(journal, 'not-run')).to.include('one/content');
  });

  it('names a missing artifact and a missing manifest', async () => {
    await using given = await drillFixture('one', 'two');
    await rm(join(given.memberFolder('one'), 'content.txt'));
    await rm(join(given.memberFolder('two'), 'manifest.json'));
    const journal = await drill(given.order, testActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(outcomes(journal, 'fail')).to.include.members(['one/manifest', 'two/manifest', 'drill/coverage']);
    const said = journal.checks.flatMap((each) => each.findings.map((finding) => finding.sentence)).join('\n');
    expect(said).to.match(/content\.txt of .* is missing/);
    expect(said).to.match(/two: full-.* has no manifest/);
  });

  it('never calls three of four a pass', async () => {
    await using given = await drillFixture('one');
    const journal = await drill({ ...given.order, services: ['one', 'gone'].map(drillService) }, testActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(journal.verdict.sentence).to.match(/gone: there is no completed backup in vault onsite/);
  });

  it('says that there is no such set when there is none at all', async () => {
    await using given = await drillFixture();
    const failure = await rejectionOf(drill({ ...given.order, services: [drillService('gone')] }, testActivity()));
    expect(failure).to.include({ code: 'NO_SUCH_SET', exit: 10 });
  });

  it('is inconclusive without Docker, never "backup bad", exit 4', async () => {
    await using given = await drillFixture('one');
    const none = dockerClient({ dockerHost: `tcp://127.0.0.1:${await closedPort()}` });
    const journal = await drill({ ...given.order, docker: none }, testActivity());
    expect(journal.exitStatus).to.equal(4);
    expect(outcomes(journal, 'fail')).to.deep.equal([]);
    expect(journal.verdict.sentence).to.match(/^The drill could not judge the backup: .*Docker/);
  });

  it('is inconclusive when the image is missing', async () => {
    await using given = await drillFixture('one');
    const services = [{ ...drillService('one'), imageFor: () => 'firedrill-nothing:1' }];
    const journal = await drill({ ...given.order, services }, testActivity());
    expect(journal.exitStatus).to.equal(4);
    expect(journal.verdict.sentence).to.match(/firedrill-nothing:1/);
  });

  it('is inconclusive when the drill itself breaks, and blames nobody', async () => {
    await using given = await drillFixture('one');
    whileRestoring.current = () => Promise.reject(new TypeError('a fault of ours'));
    const journal = await drill(given.order, testActivity());
    expect(journal.exitStatus).to.equal(4);
    expect(outcomes(journal, 'inconclusive')).to.include('one/restore-run');
  });

  it('fails a restore that the engine refuses', async () => {
    await using given = await drillFixture('one');
    whileRestoring.current = () => Promise.reject(new FiredrillError('RESTORE_FAILED', 'the server said no'));
    const journal = await drill(given.order, testActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(journal.verdict.sentence).to.match(/one: the server said no/);
    expect(outcomes(journal, 'inconclusive')).to.include('drill/rto');
  });

  for (const stepMs of [-3_600_000, 3_600_000]) {
    it(`counts no step of the wall clock by ${stepMs / 3_600_000} h`, async () => {
      await using given = await drillFixture('one');
      let offsetMs = 0;
      whileRestoring.current = async () => {
        offsetMs = stepMs;
      };
      const clock = { ...systemClock, now: () => new Date(Date.now() + offsetMs) };
      const journal = await drill(given.order, { ...testActivity(), clock });
      expect(journal.verdict, JSON.stringify(journal.checks)).to.include({ verdict: 'pass' });
      expect(journal.rto.usedMs).to.be.within(1, 60_000);
      const { startedAt, finishedAt } = journal.drill;
      expect(Date.parse(finishedAt) - Date.parse(startedAt)).to.be.within(1, 60_000);
      const phases = journal.phases.map(({ startMs, endMs }) => endMs - startMs);
      expect(Math.min(...phases)).to.be.at.least(0);
    });
  }

  const killServers = async () => {
    const filters = { label: [`firedrill.owner=${ownOwner()}`], name: ['-server'] };
    await Promise.all((await docker.listContainers({ filters })).map(({ Id }) => docker.getContainer(Id).kill()));
  };

  it('asks its own world before it blames a backup: while restoring, and while checking', async () => {
    await using given = await drillFixture('one');
    whileRestoring.current = async () => {
      await killServers();
      throw new FiredrillError('RESTORE_FAILED', 'the server went away');
    };
    const restoring = await drill(given.order, testActivity());
    expect(restoring.exitStatus).to.equal(4);
    expect(restoring.verdict.sentence).to.match(/the container of one was killed/);
    whileRestoring.current = undefined;
    const { engine } = drillService('one');
    const check: typeof engine.check = async (...args) => {
      const checked = await engine.check(...args);
      await killServers();
      return { ...checked, results: checked.results.map((each) => ({ ...each, outcome: 'fail' as const })) };
    };
    const services = [{ ...drillService('one'), engine: { ...engine, check } }];
    const checking = await drill({ ...given.order, services }, testActivity());
    expect(checking.exitStatus).to.equal(4);
    expect(outcomes(checking, 'fail')).to.deep.equal([]);
  });

  it('stops a check that takes longer than the limit', async () => {
    await using given = await drillFixture('one');
    const slow = drillService('one');
    const check: typeof slow.engine.check = (_chain, _restored, _settings, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    const services = [{ ...slow, engine: { ...slow.engine, check }, limits: { ...slow.limits, restoreMs: 3_000 } }];
    const journal = await drill({ ...given.order, services }, testActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(journal.verdict.sentence).to.match(/one: the check was stopped after its limit of 3\.0 s/);
  });

  it('stops a restore that takes longer than its limit', async () => {
    await using given = await drillFixture('one');
    const slow = drillService('one');
    whileRestoring.current = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    const services = [{ ...slow, limits: { ...slow.limits, restoreMs: 3_000 } }];
    const journal = await drill({ ...given.order, services }, testActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(outcomes(journal, 'fail')).to.include('one/hostile-input');
  });

  it('leaves nothing behind when it is interrupted in the middle of a restore', async () => {
    await using given = await drillFixture('one', 'two');
    const stop = new AbortController();
    whileRestoring.current = async () => stop.abort();
    const failure = await rejectionOf(drill(given.order, testActivity(stop.signal)));
    expect(failure).to.include({ code: 'INTERRUPTED', exit: 130 });
  });

  it('refuses a backup by another engine version, as inconclusive', async () => {
    await using given = await drillFixture('one');
    const engine = { ...drillService('one').engine, sameVersion: () => false };
    const journal = await drill({ ...given.order, services: [{ ...drillService('one'), engine }] }, testActivity());
    expect(journal.exitStatus).to.equal(4);
    expect(outcomes(journal, 'inconclusive')).to.deep.equal(['one/versions']);
  });

  it('notices a check that the engine forgot', async () => {
    await using given = await drillFixture('one');
    const check = async () => ({ results: [], newest: { at: new Date().toISOString(), basis: 'nothing' } });
    const engine = { ...drillService('one').engine, check };
    const journal = await drill({ ...given.order, services: [{ ...drillService('one'), engine }] }, testActivity());
    expect(journal.exitStatus).to.equal(4);
    expect(journal.verdict.sentence).to.match(/check content of one gave no result/);
  });

  it('finds stale data under a fresh manifest', async () => {
    await using given = await drillFixture('one');
    const base = drillService('one').engine;
    const check: typeof base.check = async (...args) => {
      const checked = await base.check(...args);
      return { ...checked, newest: { at: '2026-01-01T00:00:00.000Z', basis: 'orders.created_at' } };
    };
    const journal = await drill(
      { ...given.order, services: [{ ...drillService('one'), engine: { ...base, check } }] },
      testActivity(),
    );
    expect(outcomes(journal, 'fail')).to.deep.equal(['one/freshness']);
  });

  it('judges ages against the moment that was asked for', async () => {
    await using given = await drillFixture('one');
    const late = new Date(Date.now() + 3 * 3_600_000);
    const journal = await drill({ ...given.order, asOf: late }, testActivity());
    expect(outcomes(journal, 'fail')).to.have.members(['one/set-age', 'one/rpo']);
    const early = drill({ ...given.order, asOf: new Date('2026-01-01T00:00:00Z') }, testActivity());
    expect((await rejectionOf(early)).code).to.equal('NO_SUCH_SET');
  });

  it('tells an untrusted signature', async () => {
    await using given = await drillFixture('one');
    const journal = await drill({ ...given.order, trusted: [] }, testActivity());
    expect(outcomes(journal, 'fail')).to.include('one/manifest');
    expect(journal.verdict.sentence).to.match(/not among the trusted keys/);
  });

  it('says what a backup in progress left, and does not count it', async () => {
    await using given = await drillFixture('one');
    const writer = await given.vault.create({ set: 'backup-2026-11-22', service: 'one', id: 'full-20261122T013000Z' });
    const journal = await drill(given.order, testActivity());
    await writer.abandon();
    expect(journal.verdict.verdict).to.equal('pass');
    expect(journal.notes.join()).to.match(/unfinished one\/full-20261122T013000Z/);
  });

  it('does not restore what lies under another name', async () => {
    await using given = await drillFixture('one', 'two');
    const manifest = join(given.memberFolder('two'), 'manifest.json');
    await writeFile(manifest, await readFile(join(given.memberFolder('one'), 'manifest.json')));
    const journal = await drill(given.order, testActivity());
    expect(outcomes(journal, 'fail')).to.include('two/manifest');
    expect(journal.verdict.sentence).to.match(/says service one, but lies at two/);
  });
});
