import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { sshHost } from '../../src/hosts/ssh.ts';
import { collect } from '../../src/kit/streams.ts';
import { Secret } from '../../src/model/secret.ts';
import { rejectionOf } from '../support/rejection.ts';
import { makeKey, type Sshd, secretKey, startSshd } from '../support/sshd.ts';

const sayHello = { tool: 'echo', args: ['hello'] };

describe('ssh host', function () {
  this.timeout(30_000);
  let sshd: Sshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd[Symbol.asyncDispose]());

  const fileOf = async (name: string, content: string) => {
    const path = join(sshd.folder, name);
    await writeFile(path, content);
    return path;
  };
  const failureOf = async (host: Host) => {
    await using own = host;
    return await rejectionOf(outputOf(own, sayHello));
  };

  describe('the host key', () => {
    it('is refused when it is unknown, with its fingerprint and what to type', async () => {
      const knownHostsFile = await fileOf('empty', '');
      const failure = await failureOf(sshd.host({ knownHostsFile }));
      expect(failure.code).to.equal('HOST_KEY_UNKNOWN');
      const shown = execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host_ed25519.pub')], { encoding: 'utf8' });
      expect(failure.message).to.contain(shown.split(' ')[1]);
      expect(failure.hint).to.contain(`ssh-keyscan -p ${sshd.port} -t ed25519 127.0.0.1 >> ${knownHostsFile}`);
    });

    it('is accepted once the advice was followed', async () => {
      const path = join(sshd.folder, 'scanned');
      const scan = { tool: 'ssh-keyscan', args: ['-p', String(sshd.port), '-t', 'ed25519', '127.0.0.1'] };
      const scanned = await outputOf(localHost(), scan);
      await using host = sshd.host({ knownHostsFile: path });
      expect((await rejectionOf(outputOf(host, sayHello))).code).to.equal('HOST_KEY_UNKNOWN');
      await writeFile(path, scanned);
      expect(await outputOf(host, sayHello)).to.equal('hello\n');
    });

    it('is refused when it has changed', async () => {
      const other = await makeKey(join(sshd.folder, 'other-host'), 'ed25519');
      const knownHostsFile = await fileOf('changed', `[127.0.0.1]:${sshd.port} ${other}\n`);
      const failure = await failureOf(sshd.host({ knownHostsFile }));
      expect(failure.code).to.equal('HOST_KEY_CHANGED');
      expect(failure.message).to.contain('expected ssh-ed25519 SHA256:').and.contain('it showed ssh-ed25519 SHA256:');
    });

    it('is refused when it is revoked', async () => {
      const known = `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n@revoked * ${sshd.hostKey}\n`;
      const failure = await failureOf(sshd.host({ knownHostsFile: await fileOf('revoked', known) }));
      expect(failure.code).to.equal('HOST_KEY_CHANGED');
      expect(failure.message).to.contain('revoked');
    });

    it('is found under a hashed name', async () => {
      const knownHostsFile = await fileOf('hashed', await readFile(sshd.knownHostsFile, 'utf8'));
      execFileSync('ssh-keygen', ['-q', '-H', '-f', knownHostsFile], { stdio: 'ignore' });
      expect(await readFile(knownHostsFile, 'utf8')).to.match(/^\|1\|/);
      await using host = sshd.host({ knownHostsFile });
      expect(await outputOf(host, sayHello)).to.equal('hello\n');
    });

    it('is asked for in the type that is recorded', async () => {
      const rsa = (await readFile(join(sshd.folder, 'host_rsa.pub'), 'utf8')).trim();
      await using host = sshd.host({ knownHostsFile: await fileOf('rsa', `[127.0.0.1]:${sshd.port} ${rsa}\n`) });
      expect(await outputOf(host, sayHello)).to.equal('hello\n');
    });
  });

  describe('logging in', () => {
    it('fails with the wrong key', async () => {
      await makeKey(join(sshd.folder, 'stranger'), 'ed25519');
      const failure = await failureOf(sshd.host({ privateKey: await secretKey(join(sshd.folder, 'stranger')) }));
      expect(failure.code).to.equal('HOST_AUTH_FAILED');
      expect(failure.message).to.contain(`does not let ${sshd.user} in`);
    });

    it('fails with the wrong user', async () => {
      expect((await failureOf(sshd.host({ user: 'no-such-user' }))).code).to.equal('HOST_AUTH_FAILED');
    });

    it('fails with what is no key, and does not show it', async () => {
      const privateKey = new Secret({ file: 'key' }, 'not-a-key-but-secret');
      const failure = await failureOf(sshd.host({ privateKey }));
      expect(failure.code).to.equal('KEY_INVALID');
      expect(failure.message).to.not.contain('not-a-key-but-secret');
    });

    it('opens a key with its passphrase, and says when it cannot', async () => {
      const path = join(sshd.folder, 'locked');
      const publicKey = await makeKey(path, 'ed25519', 'open sesame');
      const authorized = join(sshd.folder, 'authorized_keys');
      await writeFile(authorized, `${await readFile(authorized, 'utf8')}\n${publicKey}\n`);
      const privateKey = await secretKey(path);
      await using host = sshd.host({ privateKey, passphrase: new Secret({ env: 'P' }, 'open sesame') });
      expect(await outputOf(host, sayHello)).to.equal('hello\n');
      expect((await failureOf(sshd.host({ privateKey }))).code).to.equal('KEY_INVALID');
      const wrong = new Secret({ env: 'P' }, 'wrong');
      expect((await failureOf(sshd.host({ privateKey, passphrase: wrong }))).code).to.equal('KEY_INVALID');
    });

    it('works with an agent', async () => {
      const agentSocket = join(sshd.folder, 'agent');
      const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        await once(agent.stdout, 'data');
        execFileSync('ssh-add', ['-q', join(sshd.folder, 'user')], {
          env: { SSH_AUTH_SOCK: agentSocket },
          stdio: 'ignore',
        });
        const { port, user, knownHostsFile } = sshd;
        await using host = sshHost({ host: '127.0.0.1', port, user, knownHostsFile, agentSocket });
        expect(await outputOf(host, sayHello)).to.equal('hello\n');
      } finally {
        agent.kill();
      }
    });
  });

  describe('the connection', () => {
    it('says HOST_UNREACHABLE where nobody listens, and where no ssh server answers', async () => {
      expect((await failureOf(sshd.host({ port: 1 }))).code).to.equal('HOST_UNREACHABLE');
      const deaf = createServer((socket) => socket.end('220 mail\r\n'));
      deaf.listen(0, '127.0.0.1');
      await once(deaf, 'listening');
      const { port } = deaf.address() as { port: number };
      expect((await failureOf(sshd.host({ port }))).code).to.equal('HOST_UNREACHABLE');
      deaf.close();
    });

    it('breaks what runs with HOST_UNREACHABLE when the server is killed; the next command connects anew', async () => {
      await using host = sshd.host();
      const stdin = new PassThrough();
      const running = host.run({ tool: 'cat', args: [], stdin });
      stdin.write('half');
      await running.stdout[Symbol.asyncIterator]().next();
      sshd.killConnections();
      const failure = await rejectionOf(running.done);
      expect(failure.code).to.equal('HOST_UNREACHABLE');
      expect(failure.message).to.equal('cannot reach ssh:127.0.0.1: the connection was lost');
      expect(await rejectionOf(collect(running.stdout, 10, 'test'))).to.equal(failure);
      expect(await outputOf(host, sayHello)).to.equal('hello\n');
    });

    it('never ends a stream cleanly when it is lost, however much of it was read', async () => {
      await using host = sshd.host();
      // Ends by itself when the server is gone, and its stdin with it.
      const stdin = new PassThrough();
      const running = host.run({ tool: 'sh', args: ['-c', 'head -c 100000 /dev/zero; exec cat'], stdin });
      let bytes = 0;
      const failure = await rejectionOf(
        (async () => {
          for await (const chunk of running.stdout) {
            bytes += (chunk as Buffer).length;
            if (bytes === 100_000) sshd.killConnections();
          }
        })(),
      );
      expect(bytes).to.equal(100_000);
      expect(failure.code).to.equal('HOST_UNREACHABLE');
    });

    it('is one for many commands', async () => {
      await using host = sshd.host();
      const ask = { tool: 'sh', args: ['-c', 'echo $SSH_CONNECTION'] };
      const ports = await Promise.all([outputOf(host, ask), outputOf(host, ask), outputOf(host, ask)]);
      expect(new Set([...ports, await outputOf(host, ask)]).size).to.equal(1);
    });

    it('says what to do when the server refuses more sessions', async () => {
      await using narrow = await startSshd('MaxSessions 1');
      await using host = narrow.host();
      const stdin = new PassThrough();
      const first = host.run({ tool: 'cat', args: [], stdin });
      stdin.write('x');
      await first.stdout[Symbol.asyncIterator]().next();
      const failure = await rejectionOf(outputOf(host, sayHello));
      expect(failure.code).to.equal('HOST_UNREACHABLE');
      expect(failure.hint).to.contain('MaxSessions');
    });

    it('reaches unix sockets there', async () => {
      const socketPath = join(sshd.folder, 'greeter');
      const greeter = createServer((socket) => socket.end('hello')).listen(socketPath);
      await once(greeter, 'listening');
      await using host = sshd.host();
      const connection = await host.connect({ socketPath });
      expect((await collect(connection, 100, 'test')).toString()).to.equal('hello');
      greeter.close();
      expect((await rejectionOf(host.connect({ socketPath: '/no/such' }))).code).to.equal('SOURCE_UNREACHABLE');
    });

    it('says when the login runs something else than what it was asked', async () => {
      await using forced = await startSshd('ForceCommand echo not today');
      const failure = await failureOf(forced.host());
      expect(failure.code).to.equal('HOST_UNREACHABLE');
      expect(failure.message).to.equal('ssh:127.0.0.1 cannot run tools: its login shell does not run commands');
    });
  });
});
