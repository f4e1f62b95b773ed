import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { lockDemo } from '../../../scripts/demo/demo-lock.ts';
import { rejectionOf } from '../../support/rejection.ts';

const name = `\0firedrill-test-${process.pid}`;

describe('lockDemo', () => {
  it('refuses a second holder, and names the first one', async () => {
    await using _held = await lockDemo(name);
    const refusal = await rejectionOf(lockDemo(name));
    expect(refusal).to.include({ code: 'LOCKED', exit: 11 });
    expect(refusal.message).to.contain(`process ${process.pid}`);
    expect(refusal.hint).to.match(/npm run demo/);
  });

  it('is free again after its holder has let go', async () => {
    await (await lockDemo(name))[Symbol.asyncDispose]();
    await using held = await lockDemo(name);
    expect(held).to.have.property(Symbol.asyncDispose);
  });

  it('goes with a process that was killed', async () => {
    const script =
      "require('node:net').createServer().listen(process.argv[1].replace('@', '\\0'), () => console.log('held'))";
    const holder = spawn(process.execPath, ['-e', script, name.replace('\0', '@')]);
    const closed = once(holder, 'close');
    await once(holder.stdout, 'data');
    const hurried = lockDemo(name);
    holder.kill('SIGKILL');
    expect((await rejectionOf(hurried)).code).to.equal('LOCKED');
    await closed;
    await using held = await lockDemo(name);
    expect(held).to.have.property(Symbol.asyncDispose);
  });
});
