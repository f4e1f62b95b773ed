import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { scratchFolder } from '../support/scratch.ts';

const script = join(import.meta.dirname, '../support/write-report.ts');

// Root has a real full disk. Nobody else may mount one: there the same write breaks at a limit of the file's size.
const shells = {
  full: 'mount -t tmpfs -o size=16k tmpfs "$1" && { "$2" "$3" "$1"; ls -A "$1"; umount "$1"; }',
  limited: 'trap "" XFSZ && ulimit -f 16 && "$2" "$3" "$1"; ls -A "$1"',
};

describe('writeReports on a full disk', function () {
  this.timeout(30_000);

  it('says so and what to do, and leaves no half report', async () => {
    await using scratch = await scratchFolder();
    const reports = join(scratch.path, 'reports');
    await mkdir(reports);
    const shell = userInfo().uid === 0 ? shells.full : shells.limited;
    const args = ['-c', shell, 'sh', reports, process.execPath, script];
    const { stdout } = await promisify(execFile)('bash', args);
    const [said, hint, ...left] = stdout.trimEnd().split('\n');
    expect(said).to.match(/^REPORT_WRITE: the report cannot be written to .*\/reports: (the disk is full|EFBIG)$/);
    expect(hint).to.match(/^Check space and permissions/);
    expect(left, 'left on the disk').to.deep.equal([]);
    expect(await readdir(reports)).to.deep.equal([]);
  });
});
