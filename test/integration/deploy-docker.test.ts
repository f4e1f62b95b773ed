import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { endsOf, logOf } from '../support/daemon-company.ts';
import { firedrill } from '../support/firedrill.ts';
import { images } from '../support/images.ts';
import { mysqlServer } from '../support/mysql-server.ts';
import { scratchFolder } from '../support/scratch.ts';
import { gid, giveToTool, runOptions, runTool, toolImage, uid } from '../support/tool-image.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const image = `firedrill-test-tool-${randomBytes(4).toString('hex')}`;
const socketGroup = async () => ['--group-add', `${(await stat('/var/run/docker.sock')).gid}`];

const configOf = (container: string) => `version: 1
keys: { private: keys/signing.key, public: [keys/signing.pub], ledger: keys/ledger.key }
vaults:
  onsite: { kind: directory, folder: vault }
services:
  agama:
    engine: mysql
    reach: { docker: ${container} }
    rpo: 1d
    retention: 7d
    settings: { databases: [shop], user: backup, password: { env: AGAMA_PASSWORD } }
drill:
  images: { mysql: '${images().mysql}' }
  pull: never
  limits: { memory: 4GiB, disk: 5GiB, cpus: 2 }
`;

describe('firedrill in a container of its own', function () {
  this.timeout(400_000);
  let built: AsyncDisposable;

  before(async () => {
    built = await toolImage(image);
  });
  after(() => built?.[Symbol.asyncDispose]());

  it('is the program, for a user that is not root, and holds nothing of the tests', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(await runTool(image, [], ['--version'])).to.deep.equal({ status: 0, stdout: `${version}\n`, stderr: '' });
    const { stdout } = await run('docker', ['image', 'inspect', image]);
    const [{ Config }] = JSON.parse(stdout);
    expect(Config).to.deep.include({ User: `${uid}:${gid}`, Entrypoint: ['firedrill'] });
    const text = await readFile(join(root, 'deploy/docker/Dockerfile'), 'utf8');
    expect(text).to.match(/ARG UID=1000\nARG GID=1000/);
    const listed = await runTool(image, ['--entrypoint', 'ls'], ['/opt/firedrill', '/opt/firedrill/node_modules']);
    expect(listed.stdout)
      .to.match(/^dist$/m)
      .and.to.match(/^mysql2$/m);
    expect(listed.stdout).to.not.match(/^(src|test|mocha|typescript)$/m);
    // The Node that the file names is one that the program runs on.
    const { engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(Number(/NODE_IMAGE=node:(\d+)-/.exec(text)?.[1])).to.be.at.least(Number(engines.node.replace('>=', '')));
  });

  it('backs up, drills in pods beside itself, and expires', async () => {
    await using server = await mysqlServer('tool-image', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']);
    await server.sql(
      'CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY, at timestamp DEFAULT now(), KEY (at)); INSERT INTO shop.orders (id) VALUES (1)',
    );
    await using scratch = await scratchFolder();
    const folder = scratch.path;
    await firedrill(['init', '--keys'], { cwd: folder, main: 'real' });
    await writeFile(join(folder, 'firedrill.yaml'), configOf(server.container.name));
    await firedrill(['init', '--vault', 'onsite'], { cwd: folder, main: 'real' });
    await mkdir(join(folder, 'tmp'));
    await giveToTool(folder);
    const options = [...runOptions(folder, { AGAMA_PASSWORD: 'to-back-up' }), ...(await socketGroup())];
    const { status, stdout, stderr } = await runTool(image, options, [
      'daemon',
      '--once',
      '--config',
      `${folder}/firedrill.yaml`,
    ]);
    expect(status, stdout + stderr).to.equal(0);
    expect(endsOf(logOf(stdout))).to.deep.equal(['full ok', 'drill ok', 'expire ok']);
    expect((await readdir(join(folder, 'reports'))).filter((name) => name.endsWith('-nightly'))).to.have.length(1);
    // What stays is the empty server's folder for the next drill, and whole.
    const templates = `firedrill-templates-${uid}`;
    expect(await readdir(join(folder, 'tmp'))).to.deep.equal([templates]);
    const { stdout: kept } = await runTool(
      image,
      [...runOptions(folder), '--entrypoint', 'ls'],
      [join(folder, 'tmp', templates)],
    );
    expect(kept).to.match(/^[0-9a-f]{32}\n$/);
  });

  it('stops in order when its container is stopped', async () => {
    await using scratch = await scratchFolder();
    const folder = scratch.path;
    await writeFile(
      join(folder, 'firedrill.yaml'),
      configOf('nobody').replace('drill:\n', 'schedules: { full: never, incremental: never, drill: never }\ndrill:\n'),
    );
    await mkdir(join(folder, 'tmp'));
    await giveToTool(folder);
    const name = `${image}-stopped`;
    const args = ['daemon', '--config', `${folder}/firedrill.yaml`];
    await run('docker', ['run', '--detach', '--name', name, ...runOptions(folder), image, ...args]);
    try {
      const logs = async () => (await run('docker', ['logs', name])).stdout;
      await until(
        'that it begins',
        async () => ((await logs()).includes('the daemon begins') ? true : undefined),
        60_000,
      );
      await run('docker', ['stop', '--time', '60', name]);
      expect(logOf(await logs()).map(({ message }) => message)).to.deep.equal([
        'the daemon begins',
        'told to stop',
        'the daemon ends',
      ]);
      expect((await run('docker', ['inspect', '--format', '{{.State.ExitCode}}', name])).stdout).to.equal('0\n');
    } finally {
      await run('docker', ['rm', '--force', name]);
    }
  });
});
