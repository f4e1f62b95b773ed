import { readdirSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { fileCompany } from '../support/firedrill.ts';
import { images } from '../support/images.ts';
import { type OwnDockerd, ownDockerd } from '../support/own-dockerd.ts';
import { until } from '../support/until.ts';

type Company = Awaited<ReturnType<typeof fileCompany>>;

const verdictOf = (stdout: string) => stdout.trimEnd().split('\n').at(-1);

describe("a fault in the drill's own world", function () {
  this.timeout(180_000);
  let engine: OwnDockerd;
  let company: Company;
  const env = () => ({ DOCKER_HOST: engine.dockerHost });

  // Also those that nobody uses at the moment: a bridge without containers is down.
  const devices = () => readdirSync('/sys/class/net');
  let devicesBefore: string[];

  before(async () => {
    devicesBefore = devices();
    engine = await ownDockerd(images().influxdb);
    company = await fileCompany('one');
    const { status, stderr } = await company.run(['backup']);
    expect(status, stderr).to.equal(0);
  });
  after(async () => {
    await company?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
    // Those of others' containers and networks come and go; the engine's own bridge must not.
    const lost = devicesBefore.filter((name) => !/^(veth|br-)/.test(name) && !devices().includes(name));
    expect(lost, 'network devices of this machine').to.deep.equal([]);
  });

  /** Starts a drill that waits in the middle of its restore until `goOn`. */
  const start = (shell?: string) => {
    const file = join(company.folder, `go-on-${Math.random()}`);
    const more = { FIREDRILL_TEST: 'wait-in-restore', FIREDRILL_TEST_FILE: file };
    const drill = company.start(['drill'], { env: { ...env(), ...more }, ...(shell ? { shell } : {}) });
    return { ...drill, goOn: () => writeFile(file, '') };
  };
  const waiting = async () => {
    const drill = start();
    await new Promise((resolve, reject) => {
      drill.child.stderr?.on('data', (text) => /waiting/.test(text) && resolve(true));
      void drill.ended.then(({ stderr }) => reject(new Error(`it did not wait: ${stderr}`)));
    });
    return drill;
  };

  /** Whatever happened to it: the next drill passes, and nothing is left, of this one and of that. */
  const expectRecovery = async () => {
    const { status, stdout, stderr } = await company.run(['drill'], { env: env() });
    expect(status, stdout + stderr).to.equal(0);
    expect(verdictOf(stdout)).to.match(/^verdict: pass \|/);
    expect(await engine.leftovers()).to.deep.equal([]);
  };

  const expectInconclusive = ({
    status,
    stdout,
    stderr,
  }: {
    status: number | null;
    stdout: string;
    stderr: string;
  }) => {
    expect(status, stdout + stderr).to.equal(4);
    expect(verdictOf(stdout)).to.match(/^verdict: inconclusive \|/);
    expect(stdout + stderr).not.to.match(/not good|verdict: (pass|fail)/);
  };

  it('such as a Docker Engine that is stopped in the middle of a restore', async () => {
    const drill = await waiting();
    await engine.stop();
    await drill.goOn();
    expectInconclusive(await drill.ended);
    await engine.start();
    await expectRecovery();
  });

  it('or is restarted', async () => {
    const drill = await waiting();
    await engine.stop();
    await engine.start();
    await drill.goOn();
    expectInconclusive(await drill.ended);
    expect(await engine.leftovers()).to.deep.equal([]);
    await expectRecovery();
  });

  it('or firedrill itself, killed with SIGKILL', async () => {
    const drill = await waiting();
    drill.child.kill('SIGKILL');
    expect((await drill.ended).status).to.equal(null);
    expect(await engine.leftovers()).to.have.length.greaterThan(2);
    await expectRecovery();
  });

  it('or a container that is killed', async () => {
    const drill = await waiting();
    const docker = dockerClient({ dockerHost: engine.dockerHost });
    const [server] = await docker.listContainers({ filters: { name: ['-one-server'] } });
    await docker.getContainer(server?.Id ?? 'none').kill();
    await drill.goOn();
    expectInconclusive(await drill.ended);
    expect(await engine.leftovers()).to.deep.equal([]);
  });

  it('or a full disk, when scratch files have one of their own: the watch ends what would fill it', async () => {
    const shell = `S=; [ "$(id -u)" = 0 ] || S='sudo -n'; d=$(mktemp -d)
      $S mount -t tmpfs -o size=8m,uid=$(id -u) tmpfs "$d" && { TMPDIR=$d "$@"; s=$?; ls -A "$d"; $S umount "$d"; rmdir "$d"; exit $s; }`;
    const drill = start(shell);
    const docker = dockerClient({ dockerHost: engine.dockerHost });
    await until('the end of the server', async () => {
      const [server] = await docker.listContainers({ all: true, filters: { name: ['-one-server'] } });
      return drill.child.exitCode !== null || (server && server.State !== 'running') ? true : undefined;
    });
    await drill.goOn();
    const { status, stdout, stderr } = await drill.ended;
    expect(status, stdout + stderr).to.equal(4);
    expect(stdout).to.match(/verdict: inconclusive \|/);
    expect(stdout, 'left on that disk').not.to.match(/^firedrill-/m);
    expect(await engine.leftovers()).to.deep.equal([]);
  });

  it('is none when two drills of one service run at once: both are right', async () => {
    const [one, other] = [await waiting(), await waiting()];
    expect(await engine.leftovers()).to.have.length.greaterThan(5);
    await Promise.all([one.goOn(), other.goOn()]);
    for (const { status, stdout, stderr } of await Promise.all([one.ended, other.ended])) {
      expect(status, stderr).to.equal(0);
      expect(verdictOf(stdout)).to.match(/^verdict: pass \|/);
    }
    expect(await engine.leftovers()).to.deep.equal([]);
    expect(await readdir(join(company.folder, 'reports'))).to.have.length.greaterThan(5);
  });
});
