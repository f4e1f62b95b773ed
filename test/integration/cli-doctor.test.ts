import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DoctorGroup } from '../../src/cli/doctor/examine.ts';
import { type FiredrillOptions, fileCompany, firedrill } from '../support/firedrill.ts';
import { scratchFolder } from '../support/scratch.ts';

type Company = Awaited<ReturnType<typeof fileCompany>>;

/** What the doctor says is wrong, `<group>: <what>`. The clock is the machine's own affair. */
async function problemsOf(company: Company, options: Partial<FiredrillOptions> = {}) {
  const { status, stdout, stderr } = await company.run(['doctor', '--json'], options);
  expect(stderr).to.equal('');
  const { ok, groups } = JSON.parse(stdout) as { ok: boolean; groups: DoctorGroup[] };
  expect(status).to.equal(ok ? 0 : 1);
  for (const group of groups) {
    for (const each of group.findings) if (!each.ok) expect(each.advice, each.what).to.match(/\w/);
  }
  return groups
    .filter((group) => group.title !== 'clock')
    .flatMap(({ title, findings }) => findings.filter((each) => !each.ok).map((each) => `${title}: ${each.what}`));
}

describe('command line: a new user, and the doctor', function () {
  this.timeout(180_000);

  it('leads from init to a configuration that can be used', async () => {
    await using scratch = await scratchFolder();
    const { path: cwd } = scratch;
    const at = (name: string) => join(cwd, name);
    const run = (args: string[], env = {}) => firedrill(args, { cwd, env, main: 'real' });
    const init = await run(['init']);
    expect(init.status, init.stderr).to.equal(0);
    expect(init.stdout).to.match(/^keys\/signing\.key +signs backups: secret\n[\s\S]*now? edit the configuration/i);
    const again = await run(['init']);
    expect(again.status).to.equal(2);
    expect(again.stderr).to.match(/exists already; nothing was written/);

    const early = await run(['config', 'check']);
    expect(early.status).to.equal(2);
    // Whatever init told the user to make is what is missing, and all of it is named at once.
    for (const name of [
      'secrets/agama.txt',
      'keys/backup_ssh',
      'keys/known_hosts',
      'TELEGRAF_PASSWORD',
      'LATENCY_PASSWORD',
    ]) {
      expect(init.stdout).to.contain(name);
      expect(early.stderr).to.contain(name);
    }
    await mkdir(at('secrets'));
    await writeFile(at('secrets/agama.txt'), 'hunter2\n', { mode: 0o600 });
    for (const name of ['keys/backup_ssh', 'keys/known_hosts']) await writeFile(at(name), '');
    const env = { TELEGRAF_PASSWORD: 'hunter3', LATENCY_PASSWORD: 'hunter4' };
    const good = await run(['config', 'check'], env);
    expect(good.status, good.stderr).to.equal(0);
    expect(good.stdout).to.equal('firedrill.yaml is good: 4 services (agama, telegraf, latency, grafana)\n');
    const list = await run(['list'], env);
    expect(list).to.include({ status: 0, stdout: '' });
    const doctor = await run(['doctor'], env);
    expect(doctor.status).to.equal(1);
    const groups = doctor.stdout.split('\n').filter((line) => /^\S/.test(line));
    const own = ['Docker', 'images', 'disk', 'vault onsite', 'reports', 'keys', 'notifications', 'clock'];
    expect(groups.slice(0, 8)).to.deep.equal(own);
    expect(groups.slice(8, 12)).to.deep.equal(['source agama', 'source telegraf', 'source latency', 'source grafana']);
    expect(groups.at(-1)).to.match(/^\d+ problems$/);
    expect(doctor.stdout + doctor.stderr + good.stderr).to.not.match(/hunter/);
  });

  it('finds five mistakes at once, those of engines included', async () => {
    await using scratch = await scratchFolder();
    const run = (args: string[]) => firedrill(args, { cwd: scratch.path, main: 'real' });
    await run(['init']);
    const file = join(scratch.path, 'firedrill.yaml');
    const bad = (await readFile(file, 'utf8'))
      .replace('rpo: 1h', 'rpo: 60d')
      .replace('databases: [agama]', 'databases: []')
      .replace('password: { env: TELEGRAF_PASSWORD }', 'password: hunter2')
      .replace('engine: grafana', 'engine: grafanna')
      .replace('rto: 30m', 'rtto: 30m');
    await writeFile(file, bad);
    const { status, stdout, stderr } = await run(['config', 'check']);
    expect([status, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/^error \[CONFIG_INVALID\] firedrill\.yaml has 5 problems\n/);
    const lines = stderr.split('\n').slice(1, 6);
    for (const line of lines) expect(line).to.match(/^ {2}firedrill\.yaml:\d+: (services|drill)\.\S+: .+/);
    expect(stderr).to.match(/services\.agama\.rpo: 60d is not allowed; allowed: no more than the retention/);
    expect(stderr).to.match(/services\.grafana\.engine: grafanna is not allowed; allowed: .*mysql/);
    expect(stderr).to.match(/drill\.rtto: is not a key of this place; did you mean rto\?/);
    expect(stderr).to.not.contain('hunter2');
  });

  it('finds nothing where all is well, before the first backup and after it', async () => {
    await using company = await fileCompany('one');
    expect(await problemsOf(company)).to.deep.equal([]);
    await company.run(['backup']);
    expect(await problemsOf(company)).to.deep.equal([]);
    expect((await company.run(['doctor'])).stdout).to.match(/images\n {2}ok {7}\S+ \(one\) is on this machine/);
  });

  it('finds each problem, whatever else is wrong', async () => {
    await using company = await fileCompany('one');
    await company.run(['backup']);
    const at = (name: string) => join(company.folder, name);
    await rm(at('vault'), { recursive: true });
    await writeFile(at('reports'), 'a file');
    await chmod(at('keys/signing.key'), 0o644);
    const found = await problemsOf(company, { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    expect(found).to.have.length(4);
    expect(found[0]).to.match(/^Docker: .*the Docker Engine does not answer/);
    expect(found[1]).to.match(/^vault onsite: vault onsite: there is no /);
    expect(found[2]).to.match(/^reports: reports: .* is no folder$/);
    expect(found[3]).to.match(/^keys: others than its owner may read the private key/);
  });

  it('finds a pair of keys that do not fit, and a source that is not there', async () => {
    await using company = await fileCompany('one', 'two');
    const at = (name: string) => join(company.folder, name);
    await rm(at('keys'), { recursive: true });
    await company.run(['init', '--keys']);
    const other = await readFile(at('keys/signing.pub'), 'utf8');
    await rm(at('keys'), { recursive: true });
    await company.run(['init', '--keys']);
    await writeFile(at('keys/signing.pub'), other);
    const config = await readFile(at('firedrill.yaml'), 'utf8');
    await writeFile(at('firedrill.yaml'), config.replace('reach: local', 'reach: { docker: firedrill-test-nowhere }'));
    const found = await problemsOf(company);
    expect(found[0]).to.match(/^keys: the private key .* fits none of the public keys$/);
    expect(found[1]).to.match(/^source one: docker:firedrill-test-nowhere does not exist/);
    expect(found).to.have.length(2);
  });

  it('stops at once when it is interrupted', async () => {
    await using company = await fileCompany('one');
    const { child, ended } = company.start(['doctor'], { env: { FIREDRILL_TEST: 'hang-in-diagnosis' } });
    await new Promise((resolve) => child.stderr?.on('data', (text) => /hanging/.test(text) && resolve(true)));
    const from = performance.now();
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect([status, stdout]).to.deep.equal([130, '']);
    expect(stderr).to.match(/\[INTERRUPTED\]/);
    expect(performance.now() - from).to.be.lessThan(15_000);
  });
});
