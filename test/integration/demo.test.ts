import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { demoLabel } from '../../scripts/demo/demo-docker.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { isOwnerAlive } from '../../src/kit/owner.ts';
import { parseSetName } from '../../src/model/backup-set.ts';
import { makeAgeKey } from '../support/age-key.ts';
import { type DemoEnd, demoState, startDemo } from '../support/demo-process.ts';
import { applicationImage, images } from '../support/images.ts';
import { scratchFolder } from '../support/scratch.ts';

const docker = dockerClient();

/** Whatever a demo and its drills could leave; what other processes of this machine are using now is theirs. */
async function leftovers(): Promise<string[]> {
  const found: string[] = [];
  for (const label of [demoLabel, 'firedrill.drill']) {
    const filters = { label: [label] };
    const own = (labels: Record<string, string> | null) => {
      const owner = labels?.['firedrill.owner'];
      return owner === undefined || !isOwnerAlive(owner);
    };
    for (const each of await docker.listContainers({ all: true, filters })) {
      if (own(each.Labels)) found.push(each.Names.join());
    }
    for (const each of (await docker.listVolumes({ filters })).Volumes ?? [])
      if (own(each.Labels)) found.push(each.Name);
    for (const each of await docker.listNetworks({ filters })) found.push(each.Name);
  }
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith('firedrill-pod-'));
  for (const name of folders) {
    const owner = await readFile(join(tmpdir(), name, 'owner'), 'utf8').catch(() => undefined);
    if (owner !== undefined && !isOwnerAlive(owner)) found.push(name);
  }
  return found;
}

const told = ({ stdout, stderr }: DemoEnd) => `${stdout}\n${stderr}`;

describe('npm run demo', function () {
  this.timeout(300_000);

  let state: Awaited<ReturnType<typeof scratchFolder>>;
  beforeEach(async () => {
    state = await scratchFolder();
    await demoState(state.path);
  });
  afterEach(async () => {
    await state[Symbol.asyncDispose]();
    expect(await leftovers(), 'left behind').to.deep.equal([]);
  });

  it('ends with the verdict of a drill that passed, shows the commands, and leaves report and vault', async () => {
    const end = await startDemo(state.path).ended;
    expect(end.exitStatus, told(end)).to.equal(0);
    const [, seconds, report] = /^verdict: pass \| rto: (\d+\.\d) of 1800 s \| report: (.+)$/.exec(end.lastLine) ?? [];
    expect(Number(seconds), end.lastLine).to.be.within(0.1, 1800);
    expect(await readFile(report ?? '', 'utf8')).to.match(/^<!doctype html>/i);
    const typed = end.stdout.match(/^\$ firedrill --config \S+firedrill\.yaml .*/gm) ?? [];
    expect(typed.filter((line) => / backup --full /.test(line))).to.have.length(1);
    expect(typed.filter((line) => / backup /.test(line))).to.have.length(10);
    expect(typed.filter((line) => / drill /.test(line))).to.have.length(3);
    expect(end.stdout.match(/^verdict: pass/gm), end.stdout).to.have.length(3);
    const works = /^Application todo: works on the restored data, ready after \S+ \w+, 5 of 5 steps taken$/gm;
    expect(end.stdout.match(works), end.stdout).to.have.length(3);
    const sets = (await readdir(join(state.path, 'demo/vault'))).filter((name) => parseSetName(name));
    expect(sets).to.have.length(1);
    const services = await readdir(join(state.path, 'demo/vault', sets[0] ?? ''));
    expect(services.sort()).to.deep.equal(['agama', 'grafana', 'latency', 'telegraf']);
    await expectBurned(end, state.path);
  });

  /** The building burned, and all came back from a folder that holds one configuration, a key and the encrypted copies. */
  async function expectBurned({ stdout }: DemoEnd, folder: string) {
    expect(stdout).to.match(/^\$ firedrill --config \S+demo\/firedrill\.yaml sync /m);
    expect(stdout).to.match(/^vault offsite: 31 backups copied, 0 there before, 0 not copied$/m);
    expect(stdout).to.match(
      /^\$ firedrill --config \S+elsewhere\/firedrill\.yaml drill building-burned --from offsite --identity \S+escrow\.key /m,
    );
    const elsewhere = join(folder, 'demo/elsewhere');
    expect((await readdir(elsewhere)).sort()).to.deep.equal(['escrow.key', 'firedrill.yaml', 'offsite', 'reports']);
    const copies = await readdir(join(elsewhere, 'offsite'), { recursive: true });
    expect(copies.filter((name) => name.endsWith('manifest.json'))).to.deep.equal([]);
    expect(copies.filter((name) => name.endsWith('manifest.json.age'))).to.have.length(31);
    const [drill = ''] = (await readdir(join(elsewhere, 'reports'))).filter((name) => name.endsWith('building-burned'));
    const journal = JSON.parse(await readFile(join(elsewhere, 'reports', drill, 'journal.json'), 'utf8'));
    expect(journal.drill).to.deep.include({ vault: 'offsite', services: ['agama', 'telegraf', 'latency', 'grafana'] });
    const seconds = (journal.rto.usedMs / 1000).toFixed(1);
    expect(Number(seconds)).to.be.within(0.1, 1800);
    const line = new RegExp(`^verdict: pass \\| rto: ${seconds} of 1800 s \\| report: .*building-burned.*$`, 'm');
    expect(stdout).to.match(line);
    const report = await readFile(join(elsewhere, 'reports', drill, 'report.txt'), 'utf8');
    expect(report).to.contain(`Restore time: ${seconds} s of 30 m`);
  }

  it('fails when the drill after the fire does, though Saturday night was good', async () => {
    const demo = startDemo(state.path);
    await demo.said('from here on you could type');
    await writeFile(join(state.path, 'demo/elsewhere/escrow.key'), (await makeAgeKey()).text);
    const end = await demo.ended;
    expect(end.exitStatus, told(end)).to.equal(4);
    expect(end.stdout).to.match(/^UNCLEAR restore-run: .*no key in \S*escrow\.key opens/m);
    expect(end.lastLine).to.match(/^verdict: pass \| .*saturday-night/);
  });

  it('refuses a second one meanwhile, stops on Ctrl-C while seeding, and leaves nothing', async () => {
    const demo = startDemo(state.path);
    await demo.said('starting the demo company');
    const second = await startDemo(state.path).ended;
    expect(second.exitStatus, told(second)).to.equal(11);
    expect(second.stderr).to.contain(`another demo is running on this machine (process ${demo.pid})`);
    await demo.said('InfluxDB answers');
    demo.signal('SIGINT');
    const end = await demo.ended;
    expect(end.exitStatus, told(end)).to.equal(130);
    expect(end.stdout)
      .to.match(/removed the demo company/)
      .and.not.match(/verdict:/);
  });

  it('stops on SIGTERM in the middle of the backup, and leaves nothing', async () => {
    const demo = startDemo(state.path);
    await demo.said('backup --full');
    demo.signal('SIGTERM');
    const end = await demo.ended;
    expect(end.exitStatus, told(end)).to.equal(130);
    expect(end.stderr).to.match(/\[INTERRUPTED\]/);
    expect(end.stdout).to.not.match(/verdict:/);
  });

  it('takes no container of its application for its own: a drill or a game day may run it', async () => {
    const { Config } = await docker.getImage(applicationImage()).inspect();
    expect(Config.Labels).to.include.keys('firedrill.application').and.not.include.keys(demoLabel);
  });

  it('removes what a killed one left, before it begins', async () => {
    const killed = startDemo(state.path);
    await killed.said('InfluxDB answers');
    killed.signal('SIGKILL');
    await killed.ended;
    expect(await leftovers()).to.include('firedrill-demo');
    const next = startDemo(state.path);
    await next.said(/removed what an earlier demo had left: .*container firedrill-demo-influxdb/);
    next.signal('SIGINT');
    expect((await next.ended).exitStatus).to.equal(130);
  });

  it('says what to do when an image is missing, and leaves nothing', async () => {
    await choose({ grafana: 'firedrill-nothing:1' });
    const end = await startDemo(state.path).ended;
    expect(end.exitStatus, told(end)).to.equal(4);
    expect(end.stderr).to.match(/\[IMAGE_MISSING\] .*firedrill-nothing:1[\s\S]*next: /);
    expect(end.stdout).to.not.match(/verdict:/);
  });

  it('tells the last words of a source that does not start, and leaves nothing', async () => {
    await choose({ mysql: images().influxdb });
    const end = await startDemo(state.path).ended;
    expect(end.exitStatus, told(end)).to.equal(1);
    expect(end.stderr).to.match(/firedrill-demo-agama ended with exit status 127[\s\S]*mysqld: command not found/);
  });

  it('refuses a scale that it cannot make', async () => {
    const end = await startDemo(state.path, ['--scale', 'huge']).ended;
    expect(end.exitStatus, told(end)).to.equal(2);
    expect(end.stderr).to.match(/--scale takes a number[\s\S]*npm run demo -- --scale 0\.1/);
  });

  const choose = (changed: Partial<ReturnType<typeof images>>) =>
    writeFile(
      join(state.path, 'images.json'),
      JSON.stringify({
        ...{ from: 'stand-in', images: { ...images(), ...changed } },
        application: applicationImage(),
      }),
    );
});
