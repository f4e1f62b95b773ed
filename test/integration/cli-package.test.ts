import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { firedrill } from '../support/firedrill.ts';
import { scratchFolder } from '../support/scratch.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/main.js');

describe('the package', function () {
  this.timeout(180_000);

  before(async () => {
    await run('npm', ['run', '--silent', 'build'], { cwd: root });
  });

  it('runs compiled, as the program of its name', async () => {
    await using scratch = await scratchFolder();
    const { version, bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(bin).to.deep.equal({ firedrill: 'dist/main.js' });
    const told = await firedrill(['--version'], { cwd: scratch.path, main });
    expect(told).to.deep.equal({ status: 0, stdout: `${version}\n`, stderr: '' });
    const itself = await run(main, ['--version'], { cwd: scratch.path });
    expect(itself.stdout).to.equal(`${version}\n`);
  });

  it('holds what it needs beside its code', async () => {
    await using scratch = await scratchFolder();
    const init = await firedrill(['init'], { cwd: scratch.path, main });
    expect(init.status, init.stderr).to.equal(0);
    const schema = JSON.parse(await readFile(join(scratch.path, 'firedrill.schema.json'), 'utf8'));
    expect(JSON.parse(await readFile(join(root, 'docs/firedrill.schema.json'), 'utf8'))).to.deep.equal(schema);
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root });
    const files = JSON.parse(stdout)[0].files.map((each: { path: string }) => each.path);
    expect(files).to.include.members([
      'dist/main.js',
      'dist/config/example.yaml',
      'docs/configuration.md',
      'drills/deleted-data.yaml',
      'README.md',
    ]);
    expect(files.filter((path: string) => /^(src|test|scripts|fixtures)\//.test(path))).to.deep.equal([]);
  });

  it('says clearly when Node is too old', async () => {
    await using scratch = await scratchFolder();
    const versions = `{ value: { ...process.versions, node: '20.19.0' } }`;
    const older = `data:text/javascript,Object.defineProperty(process,'versions',${encodeURIComponent(versions)})`;
    const shell = `node=$1; shift; exec "$node" --import "${older}" "$@"`;
    const { status, stdout, stderr } = await firedrill(['--version'], { cwd: scratch.path, main, shell });
    expect([status, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(
      /^error \[USAGE\] firedrill needs Node 24 or newer; this is 20\.19\.0 .*\n {2}next: install/,
    );
  });
});
