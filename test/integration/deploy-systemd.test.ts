import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runInside } from '../support/program.ts';
import { scratchFolder } from '../support/scratch.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '../../deploy/systemd');
const program = '/usr/local/bin/firedrill';

/** What systemd says against units, as they would be on a machine on which the program is installed; `change` one first. */
async function complaintsAbout(change: (text: string) => string = (text) => text): Promise<string> {
  await using scratch = await scratchFolder();
  const files: string[] = [];
  for (const name of await readdir(folder)) {
    const text = change(await readFile(join(folder, name), 'utf8')).replaceAll(program, process.execPath);
    files.push(join(scratch.path, name));
    await writeFile(join(scratch.path, name), text);
  }
  const { stdout, stderr } = await run('systemd-analyze', ['verify', ...files]).catch((error) => error);
  return `${stdout}${stderr}`;
}

/** `name=value` of a unit, in order. */
async function settingsOf(name: string): Promise<[string, string][]> {
  const text = await readFile(join(folder, name), 'utf8');
  return [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]);
}

const settingOf = async (name: string, key: string) =>
  (await settingsOf(name)).find(([each]) => each === key)?.[1] ?? '';

describe('the units of systemd', function () {
  this.timeout(60_000);

  it('are understood by systemd, which would say what it does not', async () => {
    expect(await complaintsAbout()).to.equal('');
    expect(await complaintsAbout((text) => text.replace('NoNewPrivileges=', 'NoNewPrivilege='))).to.match(
      /Unknown key/,
    );
    expect(await complaintsAbout((text) => text.replace('OnCalendar=*:0/5', 'OnCalendar=*:0/99x'))).to.match(
      /calendar/i,
    );
    expect(await complaintsAbout((text) => text.replaceAll(program, '/nowhere/firedrill'))).to.match(/not executable/);
  });

  it('run commands and options that there are', async () => {
    for (const unit of ['firedrill.service', 'firedrill-once.service']) {
      const [found, ...args] = (await settingOf(unit, 'ExecStart')).split(' ');
      expect(found).to.equal(program);
      const { stdout } = await runInside([...args, '--help']);
      expect(stdout).to.match(/^Usage: firedrill daemon/);
      for (const option of args.filter((each) => each.startsWith('--'))) expect(stdout).to.contain(option);
    }
  });

  it('give it time to stop in order, and restart it but for what a person must mend', async () => {
    for (const unit of ['firedrill.service', 'firedrill-once.service']) {
      // Two minutes for what runs, twenty seconds for those who are told.
      expect(Number(await settingOf(unit, 'TimeoutStopSec'))).to.be.above(140);
      expect(await settingOf(unit, 'KillMode')).to.equal('mixed');
    }
    expect(await settingOf('firedrill.service', 'RestartPreventExitStatus')).to.equal('2');
    expect(await settingOf('firedrill-once.service', 'SuccessExitStatus')).to.equal('11');
    expect(await settingOf('firedrill-once.service', 'TimeoutStartSec')).to.equal('infinity');
  });

  it('are shut in, and both in the same way', async () => {
    const hardening = async (unit: string) => {
      const settings = await settingsOf(unit);
      return settings
        .slice(settings.findIndex(([key]) => key === 'StateDirectory'))
        .filter(([key]) => key !== 'WantedBy');
    };
    const ofDaemon = await hardening('firedrill.service');
    expect(ofDaemon.length).to.be.greaterThan(15);
    expect(await hardening('firedrill-once.service')).to.deep.equal(ofDaemon);
    // From 0, shut in, to 10, not at all; systemd calls up to 4 good. Exits with 1 above the threshold, which is in tenths.
    const judge = ['security', '--offline=true', '--no-pager', '--threshold=30', join(folder, 'firedrill.service')];
    expect((await run('systemd-analyze', judge)).stdout).to.match(
      /Overall exposure level for firedrill\.service: [0-2]\./,
    );
  });

  it('mount no private folder for temporary files, which Docker would not see', async () => {
    for (const unit of ['firedrill.service', 'firedrill-once.service']) {
      const settings = await settingsOf(unit);
      expect(settings.map(([key]) => key)).to.not.include('PrivateTmp');
      expect(settings).to.deep.include(['Environment', 'TMPDIR=/var/lib/firedrill/tmp']);
      expect(settings).to.deep.include(['StateDirectory', 'firedrill firedrill/tmp']);
    }
  });
});
