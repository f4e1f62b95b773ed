import { chmod, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Templates } from '../../../src/sandbox/templates.ts';
import { scratchFolder } from '../../support/scratch.ts';

const uid = process.getuid?.() ?? 0;
const user = `${uid}:${process.getgid?.() ?? 0}`;
const place = (root: string) => join(root, `firedrill-templates-${uid}`);

describe('templates of data folders', () => {
  it('are found once they are kept, by image and key, and not before', async () => {
    await using root = await scratchFolder();
    const templates = await Templates.open(user, root.path);
    const name = Templates.nameOf('sha256:one', ['--page-size=16384']);
    const made = Templates.newName();
    await mkdir(join(templates?.folder ?? '', made));
    expect(await templates?.has(name)).to.equal(false);
    await templates?.keep(made, name);
    expect(await (await Templates.open(user, root.path))?.has(name)).to.equal(true);
    expect(name).not.to.equal(Templates.nameOf('sha256:two', ['--page-size=16384']));
    expect(name).not.to.equal(Templates.nameOf('sha256:one', ['--page-size=4096']));
    await templates?.discard(name);
    expect(await templates?.has(name)).to.equal(false);
  });

  it('of two that were made at once one stays, and nothing half-made', async () => {
    await using root = await scratchFolder();
    const templates = await Templates.open(user, root.path);
    for (const content of ['first', 'second']) {
      const made = Templates.newName();
      await mkdir(join(templates?.folder ?? '', made));
      await writeFile(join(templates?.folder ?? '', made, 'file'), content);
      await templates?.keep(made, 'a');
    }
    expect(await readdir(templates?.folder ?? '')).to.deep.equal(['a']);
  });

  it('are not kept for ever: the newest four are, and what was abandoned half-made is not', async () => {
    await using root = await scratchFolder();
    const templates = await Templates.open(user, root.path);
    const folder = templates?.folder ?? '';
    const make = async (name: string, hoursAgo: number) => {
      await mkdir(join(folder, name));
      const then = new Date(Date.now() - hoursAgo * 3_600_000);
      await utimes(join(folder, name), then, then);
    };
    await make(Templates.newName(), 2);
    const beingMade = Templates.newName();
    await make(beingMade, 0);
    for (const [i, name] of ['a', 'b', 'c', 'd', 'e'].entries()) await make(name, 10 - i);
    const made = Templates.newName();
    await make(made, 0);
    await templates?.keep(made, 'f');
    expect((await readdir(folder)).sort()).to.deep.equal([beingMade, 'c', 'd', 'e', 'f'].sort());
  });

  it('are not looked for where somebody else could have put them', async () => {
    await using root = await scratchFolder();
    await mkdir(place(root.path));
    await chmod(place(root.path), 0o777);
    expect(await Templates.open(user, root.path)).to.equal(undefined);
    await using other = await scratchFolder();
    await mkdir(join(other.path, 'elsewhere'), { mode: 0o700 });
    await symlink('elsewhere', place(other.path));
    expect(await Templates.open(user, other.path)).to.equal(undefined);
    expect(await Templates.open(user, join(other.path, 'absent'))).to.equal(undefined);
  });
});
