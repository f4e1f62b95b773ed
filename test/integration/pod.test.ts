import { randomUUID } from 'node:crypto';
import { chmod, lstat, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { outputOf, runToEnd } from '../../src/hosts/output.ts';
import { ownOwner } from '../../src/kit/owner.ts';
import { podDataFolder, type SandboxRecipe } from '../../src/model/sandbox.ts';
import { resolveImage } from '../../src/sandbox/images.ts';
import { assertIsolation } from '../../src/sandbox/isolation.ts';
import { podUser } from '../../src/sandbox/pod-user.ts';
import { reap } from '../../src/sandbox/reaper.ts';
import { Templates } from '../../src/sandbox/templates.ts';
import { images } from '../support/images.ts';
import { testPod, withBay } from '../support/pod.ts';
import { rejectionOf } from '../support/rejection.ts';
import { until } from '../support/until.ts';

const image = images().influxdb;
const docker = dockerClient();

const recipe = (script: string): SandboxRecipe => ({
  entrypoint: ['sh', '-c'],
  command: [script],
  env: { GREETING: 'hello' },
  tmpfs: { '/var/log': 1 << 20 },
  capabilities: [],
  socket: 'test.sock',
});

const leftovers = async () => {
  // This process's own: others may run drills on this machine.
  const filters = { label: [`firedrill.owner=${ownOwner()}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const { Volumes } = await docker.listVolumes({ filters });
  return [...containers.map((each) => each.Id), ...(Volumes ?? []).map((each) => each.Name)];
};

/** Of this process's own container whose name ends so. */
async function idOf(end: string): Promise<string> {
  const filters = { label: [`firedrill.owner=${ownOwner()}`] };
  const all = await docker.listContainers({ all: true, filters });
  return all.find(({ Names }) => Names.some((name) => new RegExp(`-${end}(-\\d+)?$`).test(name)))?.Id ?? 'none';
}

describe('pod', function () {
  this.timeout(60_000);

  it('runs a server as an ordinary user, with a read-only root and without rights', async () => {
    await withBay({ service: 'a', image }, async (bay) => {
      const server = await bay.start(recipe('exec sleep 600'));
      const sh = (script: string) =>
        outputOf(server.host, { tool: 'sh', args: ['-c', script] }).catch(
          (error) => `${error.message} ${error.detail}`,
        );
      expect((await sh('id -u')).trim()).to.not.equal('0');
      expect(await sh('touch /etc/x 2>&1; true')).to.match(/read-only file system/i);
      expect((await sh('grep CapEff /proc/self/status')).trim()).to.match(/0000000000000000$/);
      expect((await sh('grep NoNewPrivs /proc/self/status')).trim()).to.match(/1$/);
      expect(await sh(`echo x > ${podDataFolder}/x && cat ${podDataFolder}/x`)).to.equal('x\n');
      expect(await sh('echo x > /var/log/x && echo $GREETING')).to.equal('hello\n');
      await server.assertAlive();
    });
    expect(await leftovers()).to.deep.equal([]);
  });

  it('takes files into the volume before the server starts', async () => {
    await withBay({ service: 'a', image }, async (bay) => {
      const stdin = Readable.from([Buffer.from('seed')]);
      await runToEnd(bay.holder, { tool: 'sh', args: ['-c', 'cat > "$1"', 'sh', `${podDataFolder}/seed`], stdin });
      const server = await bay.start(recipe(`cat ${podDataFolder}/seed; exec sleep 600`));
      expect(await outputOf(server.host, { tool: 'cat', args: [`${podDataFolder}/seed`] })).to.equal('seed');
    });
  });

  it('makes a data folder once for an image and a key, and copies it for the pods that follow', async () => {
    const key = [randomUUID()];
    const folder = `${podDataFolder}/data`;
    let made = 0;
    const prefilled = (spoil = '') =>
      withBay({ service: 'a', image }, async (bay) => {
        await bay.prefill(folder, key, async () => {
          made += 1;
          await runToEnd(bay.holder, {
            tool: 'sh',
            args: ['-c', 'mkdir "$1"; echo $2 > "$1/made"', 'sh', folder, `${made}`],
          });
        });
        // What lies in a template can be seen from the pod, and not be changed.
        const args = ['-c', `(echo x > /templates/x) 2>&1; ${spoil} cat "$1/made"; stat -c %u "$1/made"`, 'sh', folder];
        return outputOf(bay.holder, { tool: 'sh', args });
      });
    const uid = podUser().split(':')[0];
    const first = await prefilled();
    expect(first).to.match(new RegExp(`^1\n${uid}\n$`, 'm'));
    expect(await prefilled('echo changed > "$1/made";')).to.match(/Read-only file system.*changed/is);
    expect(await prefilled()).to.match(new RegExp(`^1\n${uid}\n$`, 'm'));
    expect(made).to.equal(1);
    const templates = await Templates.open(podUser());
    const { id } = await resolveImage(docker, image, 'never');
    const name = Templates.nameOf(id, [podUser(), folder, ...key]);
    // One that cannot be copied is made anew.
    await rm(join(templates?.folder ?? '', name), { recursive: true });
    await writeFile(join(templates?.folder ?? '', name), '');
    await chmod(join(templates?.folder ?? '', name), 0);
    expect(await prefilled()).to.match(/^2$/m);
    expect(await prefilled()).to.match(/^2$/m);
    expect(made).to.equal(2);
    await templates?.discard(name);
    expect(await leftovers()).to.deep.equal([]);
  });

  it('passes on the failure of a tool that prepares', async () => {
    await withBay({ service: 'a', image }, async (bay) => {
      const failure = await rejectionOf(runToEnd(bay.holder, { tool: 'sh', args: ['-c', 'echo why >&2; exit 3'] }));
      expect(failure.code).to.equal('TOOL_FAILED');
      expect(failure.detail.join()).to.match(/why/);
    });
  });

  it('is sealed, and says how that was seen', async () => {
    await withBay({ service: 'a', image, loopbackNames: ['db.internal'] }, async (_bay, pod) => {
      const { result, probes } = await assertIsolation(docker, pod.holder, {
        addresses: ['198.51.100.7:3306'],
        names: ['db.internal'],
      });
      expect(result.outcome, JSON.stringify(probes, null, 1)).to.equal('pass');
      expect(probes.length).to.be.greaterThan(8);
      expect(probes.find((each) => each.what === 'the name db.internal')?.found).to.match(/pod itself/);
    });
  });

  it('notices a container that is not sealed', async () => {
    const { dockerHost } = await import('../../src/hosts/docker.ts');
    const open = await docker.createContainer({
      Image: image,
      Cmd: ['sleep', '60'],
      Labels: { 'firedrill.test': 'pod' },
    });
    try {
      await open.start();
      const host = dockerHost({ container: open.id });
      const { result } = await assertIsolation(docker, host, { addresses: [], names: [] });
      const found = result.findings.map((finding) => finding.sentence).join('\n');
      expect(result.outcome).to.equal('inconclusive');
      expect(found).to.match(/network devices other than loopback/);
      expect(found).to.match(/:\d+ should be unreachable, found: connected/);
      expect(found).to.match(/connections heard by a service of this machine should be absent, found: 1/);
    } finally {
      await open.remove({ force: true });
    }
  });

  it('tells a server that ended from one that was killed', async () => {
    await withBay({ service: 'a', image }, async (bay) => {
      const server = await bay.start(recipe('echo last words >&2; exit 7'));
      await expectEventually(server.assertAlive, 'RESTORE_FAILED', /ended with status 7/);
      expect(await server.logs()).to.match(/last words/);
    });
    await withBay({ service: 'a', image, limits: { memoryBytes: 32 << 20 } }, async (bay) => {
      const server = await bay.start(recipe('head -c 200000000 /dev/zero | tail; exec sleep 1'));
      await expectEventually(server.assertAlive, 'SANDBOX_FAILED', /killed; its memory limit is 32\.0 MiB/);
    });
  });

  const fill = 'head -c 60000000 /dev/zero >';
  for (const [where, script] of [
    ['its disk', `${fill} ${podDataFolder}/big`],
    ['the folder of its socket', `${fill} /run/pod/big`],
    ['a folder that it has closed', `cd ${podDataFolder}; mkdir hidden; ${fill} hidden/big; chmod 0 hidden`],
  ] as const) {
    it(`stops a service that fills ${where}, and names the cause whatever else was seen`, async () => {
      await withBay({ service: 'a', image, limits: { diskBytes: 20 << 20 } }, async (bay, pod) => {
        const server = await bay.start(recipe(`${script}; exec sleep 600`));
        expect(await pod.troubleOf('a')).to.equal(undefined);
        await expectEventually(server.assertAlive, 'LIMIT_EXCEEDED', /a wrote .* its limit is 20\.0 MiB/);
        expect(await pod.troubleOf('a')).to.include({ code: 'LIMIT_EXCEEDED' });
      });
    });
  }

  it('survives a server that forks without end, and one that talks without end', async () => {
    await withBay({ service: 'a', image, limits: { pids: 40, cpus: 0.5 } }, async (bay, pod) => {
      const server = await bay.start(recipe('bomb() { bomb | bomb & }; bomb 2>&1; exec sleep 600'));
      await until('the limit', async () => (/fork/i.test(await server.logs()) ? true : undefined));
      const { pids_stats: pids } = await docker.getContainer(await idOf('a-server')).stats({ stream: false });
      expect(pids?.current).to.be.within(2, 40);
      await outputOf(pod.holder, { tool: 'true', args: [] });
    });
    await withBay({ service: 'a', image, limits: { cpus: 0.5 } }, async (bay, pod) => {
      const server = await bay.start(recipe('exec yes "$(head -c 2000 /dev/zero | tr "\\0" x)"'));
      // The engine begins a new file of the log now and then, so that one look can find little.
      const length = await until('much talk', async () => {
        const logs = await server.logs();
        return logs.length >= 1 << 20 ? logs.length : undefined;
      });
      expect(length).to.equal(1 << 20);
      await outputOf(pod.holder, { tool: 'true', args: [] });
    });
  });

  it('blames the world for what was killed or is gone, the pod itself included', async () => {
    await withBay({ service: 'a', image }, async (bay, pod) => {
      await bay.start(recipe('exit 7'));
      expect(await pod.troubleOf('a')).to.equal(undefined);
      await docker.getContainer(await idOf('pod')).stop({ t: 0 });
      expect(await pod.troubleOf('a')).to.include({ code: 'SANDBOX_FAILED' });
    });
    await withBay({ service: 'a', image }, async (bay, pod) => {
      await bay.start(recipe('exec sleep 600'));
      await docker.getContainer(await idOf('a-server')).remove({ force: true });
      expect(await pod.troubleOf('a')).to.include({ code: 'SANDBOX_FAILED' });
    });
  });

  it('does not follow a socket that was swapped for a link', async () => {
    await withBay({ service: 'a', image }, async (bay) => {
      const server = await bay.start(recipe('ln -s /var/run/docker.sock /run/pod/test.sock; exec sleep 600'));
      await expectEventually(() => server.socketPath(), 'LIMIT_EXCEEDED', /is no socket/);
    });
  });

  it('gives nobody the time to swap the socket after it was looked at', async () => {
    const swap = `socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("/run/pod/real")) && listen(S, 5) or die $!;
      for (;;) {
        link("/run/pod/real", "/run/pod/next"); rename("/run/pod/next", "/run/pod/test.sock"); unlink("/run/pod/next");
        symlink("/var/run/docker.sock", "/run/pod/next"); rename("/run/pod/next", "/run/pod/test.sock");
      }`;
    await withBay({ service: 'a', image }, async (bay) => {
      const server = await bay.start(recipe(`exec perl -MSocket -e '${swap}'`));
      const seen = { sockets: 0, refused: 0 };
      const look = async () => {
        const path = await server.socketPath().catch((error: { code?: string }) => {
          if (error.code === 'LIMIT_EXCEEDED') seen.refused += 1;
        });
        if (path === undefined) return;
        // The attacker has had his chance to swap by now.
        expect((await lstat(path)).isSocket()).to.equal(true);
        seen.sockets += 1;
      };
      await until('both', async () => {
        for (let i = 0; i < 100; i += 1) await look();
        return seen.sockets > 20 && seen.refused > 5 ? true : undefined;
      });
    });
  });

  it('removes what a crashed drill left, and nothing of a running one', async () => {
    await using mine = await testPod([{ service: 'a', image }]);
    const labels = { 'firedrill.drill': 'crashed', 'firedrill.expires': new Date(Date.now() + 1e6).toISOString() };
    const { hostname } = await import('node:os');
    const { id } = await resolveImage(docker, image, 'never');
    const dead = { ...labels, 'firedrill.owner': `${hostname()}/${process.pid}/1` };
    const left = await docker.createContainer({ Image: id, Cmd: ['sleep', '60'], Labels: dead });
    await left.start();
    await docker.createVolume({ Name: 'firedrill-test-crashed', Labels: dead });
    expect(await reap(docker, new Date()))
      .to.include('volume firedrill-test-crashed')
      .and.to.have.length(2);
    await outputOf(mine.holder, { tool: 'true', args: [] });
    expect((await leftovers()).length).to.be.greaterThan(0);
  });

  it('keeps no dead process: tools in its holder leave some, and few fit in there', async () => {
    await using pod = await testPod([{ service: 'a', image }]);
    // Each leaves one that nobody waits for.
    const leaving = { tool: 'sh', args: ['-c', 'sleep 0.2 & sleep 0.2 & exit 0'] };
    for (let i = 0; i < 5; i += 1) await runToEnd(pod.holder, leaving);
    const dead = { tool: 'sh', args: ['-c', 'grep -l "^State:.Z" /proc/[0-9]*/status | wc -l'] };
    const gone = async () => ((await outputOf(pod.holder, dead)).trim() === '0' ? true : undefined);
    await until('the end of the last one', gone);
  });

  it('names an image that is missing', async () => {
    const failure = await rejectionOf(resolveImage(docker, 'firedrill-nothing:1', 'never'));
    expect(failure.code).to.equal('IMAGE_MISSING');
  });

  it('leaves nothing behind', async () => {
    expect(await leftovers()).to.deep.equal([]);
  });
});

/** Waits, at most 15 s, until the call rejects with the code; a call that rejects otherwise fails the test at the end. */
async function expectEventually(call: () => Promise<unknown>, code: string, message: RegExp) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const failure = await rejectionOf(call()).catch(() => undefined);
    if (failure?.code === code || Date.now() > deadline) {
      expect(failure).to.include({ code });
      expect(failure?.message).to.match(message);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
