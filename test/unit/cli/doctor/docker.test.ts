import { expect } from 'chai';
import { type DockerInfo, diagnoseDocker, diagnoseLimits, diagnoseSize } from '../../../../src/cli/doctor/docker.ts';
import type { Config } from '../../../../src/config/config.ts';
import { dockerClient } from '../../../../src/hosts/docker-client.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import { testLimits } from '../../../support/pod.ts';

const info: DockerInfo = {
  ServerVersion: '20.10.24',
  DockerRootDir: '/var/lib/docker',
  CgroupVersion: '2',
  MemoryLimit: true,
  SwapLimit: true,
  PidsLimit: true,
  CpuCfsQuota: true,
  NCPU: 2,
  MemTotal: 8 * 1024 ** 3,
};

const config = (limits: Partial<typeof testLimits> = {}) =>
  ({ services: [{ limits: testLimits }, { limits: { ...testLimits, ...limits } }] }) as unknown as Config;

describe('doctor: Docker', () => {
  it('names every limit that cannot be set', () => {
    expect(diagnoseLimits(info).map((each) => each.ok)).to.deep.equal([true]);
    const [found] = diagnoseLimits({ ...info, SwapLimit: false, PidsLimit: false, CgroupVersion: '1' });
    expect(found?.what).to.equal('limits of swap, pids cannot be set (cgroup v1)');
    expect(found?.advice).to.match(/swapaccount=1/);
  });

  it('compares the largest limits with the machine', () => {
    expect(diagnoseSize(info, config()).map((each) => each.ok)).to.deep.equal([true, true]);
    const tooMuch = diagnoseSize(info, config({ cpus: 3, memoryBytes: 16 * 1024 ** 3 }));
    expect(tooMuch.map((each) => each.what)).to.deep.equal([
      'a service may use 3 processors, there are 2',
      'a service may use 16.0 GiB of memory, there are 8.0 GiB',
    ]);
    expect(tooMuch[0]?.advice).to.match(/drill\.limits\.cpus to 2/);
  });

  it('asks the real engine', async () => {
    const findings = await diagnoseDocker(() => dockerClient(), config({ cpus: 1 }));
    expect(findings[0]).to.deep.include({ ok: true });
    expect(findings[0]?.what).to.match(/^the Docker Engine \d+\.\d+\S* answers$/);
    expect(findings).to.have.length(4);
  });

  it('says how to start Docker where it does not answer', async () => {
    const gone = () => dockerClient({ dockerHost: 'unix:///nowhere/docker.sock' });
    const findings = await diagnoseDocker(gone, config());
    expect(findings).to.have.length(1);
    expect(findings[0]).to.include({ ok: false });
    expect(findings[0]?.advice).to.match(/systemctl start docker/);
  });

  it('says how to let this user use Docker where the socket refuses it', async () => {
    const refuse = () => {
      const cause = Object.assign(new Error('connect EACCES /var/run/docker.sock'), { code: 'EACCES' });
      throw new FiredrillError('DOCKER_UNAVAILABLE', 'Docker could not tell about itself', { cause });
    };
    expect((await diagnoseDocker(refuse, config()))[0]?.advice).to.match(/usermod -aG docker/);
  });
});
