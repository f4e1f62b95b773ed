import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { fileCompany, firedrill } from '../support/firedrill.ts';
import { scratchFolder } from '../support/scratch.ts';

describe('command line: usage', function () {
  this.timeout(180_000);

  it('prints its version', async () => {
    await using scratch = await scratchFolder();
    const manifest = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'));
    const told = await firedrill(['--version'], { cwd: scratch.path, main: 'real' });
    expect(told).to.deep.equal({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  it('answers a mistake with status 2, what happened and what to type next', async () => {
    await using company = await fileCompany('one');
    for (const [args, words] of [
      [['bakup'], /^error \[USAGE\] unknown command 'bakup'\n {2}next: Did you mean backup\?.*\n$/],
      [['backup', 'nobody'], /^error \[USAGE\] there is no service nobody; configured are one\n {2}next: .*\n$/],
    ] as const) {
      const { status, stdout, stderr } = await company.run(args);
      expect([status, stdout], args.join(' ')).to.deep.equal([2, '']);
      expect(stderr).to.match(words);
    }
  });

  it('says what to do without a configuration, and with one that is wrong', async () => {
    await using scratch = await scratchFolder();
    const { path: cwd } = scratch;
    const missing = await firedrill(['drill'], { cwd });
    expect(missing.status).to.equal(2);
    expect(missing.stderr).to.match(/CONFIG_MISSING.*firedrill\.yaml\n {2}next: Run: firedrill init/);
    await writeFile(join(cwd, 'other.yaml'), 'version: 2\n');
    for (const told of [
      await firedrill(['list', '--config', 'other.yaml'], { cwd }),
      await firedrill(['list'], { cwd, env: { FIREDRILL_CONFIG: 'other.yaml' } }),
    ]) {
      expect(told.status).to.equal(2);
      expect(told.stderr).to.match(/\[CONFIG_INVALID\] other\.yaml has 4 problems/);
      expect(told.stderr).to.match(/other\.yaml:1: version: 2 is not allowed; allowed: 1/);
    }
  });

  it('tells errors to programs as JSON, and nothing else', async () => {
    await using scratch = await scratchFolder();
    const { status, stdout, stderr } = await firedrill(['drill', '--json'], { cwd: scratch.path });
    expect([status, stdout]).to.deep.equal([2, '']);
    const { error } = JSON.parse(stderr);
    expect(error).to.include({ code: 'CONFIG_MISSING', exitStatus: 2, hint: 'Run: firedrill init' });
    expect(error).to.not.have.property('stack');
  });

  it('shows stacks only when it is asked for them', async () => {
    await using scratch = await scratchFolder();
    const { stderr } = await firedrill(['list', '--debug'], { cwd: scratch.path });
    expect(stderr).to.match(/\n {2,}at .*load\.ts/);
    expect((await firedrill(['list'], { cwd: scratch.path })).stderr).to.not.match(/\n {2,}at /);
  });

  it('writes no escape sequence where there is no terminal', async () => {
    await using company = await fileCompany('one');
    const outputs = [await company.run(['doctor']), await company.run(['list'], { env: { NO_COLOR: '1' } })];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what this looks for
    for (const { stdout, stderr } of outputs) expect(stdout + stderr).to.not.match(/\u001b/);
  });

  it('shows a live list on a terminal, and keeps it out of the result', async () => {
    await using company = await fileCompany('one');
    const inTerminal = (line: string) => `script -qec "stty cols 100 rows 30; $* backup ${line}" /dev/null`;
    const both = await company.run([], { shell: inTerminal('') });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what this looks for
    expect(both.stdout).to.match(/\u001b\[.*one/);
    expect(both.stdout).to.match(/one: backup-[\d-]+\/one\/full-/);
    const result = await company.run([], { shell: `sleep 1; ${inTerminal('--full > result.txt')}` });
    expect(result.status).to.equal(0);
    expect(await readFile(join(company.folder, 'result.txt'), 'utf8')).to.match(/^one: backup-\S+: .*\n$/);
    const errors = await company.run([], { shell: inTerminal('nobody'), env: { TERM: 'xterm' } });
    expect(errors.stdout).to.contain('\u001b[31merror\u001b[39m [USAGE]');
    const plain = await company.run([], { shell: inTerminal('nobody'), env: { TERM: 'xterm', NO_COLOR: '1' } });
    expect(plain.stdout).to.contain('error [USAGE]');
  });

  it('survives a reader that has seen enough', async () => {
    await using company = await fileCompany('one');
    const shell = '"$@" | head -c 20; exit "$' + '{PIPESTATUS[0]}"';
    const { status, stdout, stderr } = await company.run(['config', 'schema'], { shell });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout).to.have.length(20);
    const closed = await company.run(['config', 'schema'], { shell: '"$@" | true; exit "$' + '{PIPESTATUS[0]}"' });
    expect(closed).to.include({ status: 0, stderr: '' });
  });

  it('fails when its result cannot be written', async () => {
    await using company = await fileCompany('one');
    const { status, stderr } = await company.run(['config', 'schema'], { shell: '"$@" > /dev/full' });
    expect(status).to.equal(1);
    expect(stderr).to.match(/\[FILE_WRITE\] the result could not be written: .*ENOSPC/);
  });

  it('refuses a private key that others may read, or that is none, and says how to mend it', async () => {
    await using company = await fileCompany('one');
    const key = join(company.folder, 'keys/signing.key');
    const { mode } = await stat(key);
    expect(mode & 0o777).to.equal(0o600);
    await company.run(['list'], { shell: 'chmod 644 keys/signing.key' });
    const open = await company.run(['backup']);
    expect(open.status).to.equal(2);
    expect(open.stderr).to.match(
      /\[KEY_INVALID\] others than its owner may read .*signing\.key\n {2}next: Run: chmod 600 /,
    );
    await rm(key);
    expect((await company.run(['backup'])).stderr).to.match(
      /\[KEY_INVALID\] key file .*signing\.key cannot be read: ENOENT/,
    );
    await writeFile(key, 'no key', { mode: 0o600 });
    const none = await company.run(['backup']);
    expect(none.status).to.equal(2);
    expect(none.stderr).to.match(/signing\.key: the signing key is not a key in PEM form/);
    await writeFile(join(company.folder, 'keys/signing.pub'), 'no key');
    expect((await company.run(['drill'])).stderr).to.match(/public keys cannot be used\n {2}.*signing\.pub: a trusted/);
  });
});
