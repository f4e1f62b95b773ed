import { execFileSync, spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { remoteCommandLine, remoteEnvironment, shellQuote } from '../../../src/hosts/ssh-command.ts';

/** Whatever a process may be given: no zero bytes, no lone surrogates. */
const anyText = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\0', ''));
const token = 'firedrill-test';

describe('ssh command line', () => {
  it('quotes any text as one word', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 8 }), (words) => {
        const script = `for a in ${words.map(shellQuote).join(' ')}; do printf '%s\\0' "$a"; done`;
        const said = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
        expect(said.split('\0').slice(0, -1)).to.deep.equal(words);
      }),
      { numRuns: 60 },
    );
  });

  it('carries any environment by stdin, and leaves the rest of it to the tool', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (plain, secret, input) => {
        const command = {
          tool: 'sh',
          args: ['-c', 'printf "%s\\0%s\\0" "$P" "$S"; cat'],
          env: { P: plain },
          secretEnv: { S: secret },
        };
        const stdin = remoteEnvironment(command, token) + input;
        const { stdout, stderr } = spawnSync('sh', ['-c', remoteCommandLine(command, token)], {
          input: stdin,
          encoding: 'utf8',
        });
        expect(stdout).to.equal(`${plain}\0${secret}\0${input}`);
        expect(stderr).to.match(/^firedrill-test \d+\n$/);
      }),
      { numRuns: 60 },
    );
  });

  it('holds no secret', () => {
    const command = { tool: 'x', args: ['y'], env: { A: 'plain-value' }, secretEnv: { B: 'secret-value' } };
    expect(remoteCommandLine(command, token)).to.not.match(/secret-value|plain-value/);
  });

  it('leaves nothing of itself in the tool’s environment', () => {
    const command = { tool: 'env', args: [], secretEnv: { S: 'x' } };
    const input = remoteEnvironment(command, token);
    const said = spawnSync('sh', ['-c', remoteCommandLine(command, token)], {
      input,
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    });
    expect(said.stdout.split('\n').filter((line) => !/^(PATH|PWD|SHLVL|_)=/.test(line))).to.deep.equal(['S=x', '']);
  });

  it('starts no tool when the environment did not arrive whole', () => {
    const command = { tool: 'echo', args: ['started'], secretEnv: { S: 'x' } };
    const half = remoteEnvironment(command, token).slice(0, -3);
    const said = spawnSync('sh', ['-c', remoteCommandLine(command, token)], { input: half, encoding: 'utf8' });
    expect(said.stdout).to.equal('');
    expect(said.status).to.equal(125);
  });

  it('refuses what is no name of a variable', () => {
    for (const name of ['A B', 'A;id', '1A', '', 'A=B', '$(id)']) {
      expect(() => remoteEnvironment({ tool: 'x', args: [], env: { [name]: '1' } }, token)).to.throw(
        /environment variable/,
      );
    }
    expect(() => remoteEnvironment({ tool: 'x', args: [], env: { A: 'a\0b' } }, token)).to.throw(
      /environment variable/,
    );
  });
});
