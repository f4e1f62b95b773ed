import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { refuseHostKey } from '../../../src/hosts/host-key.ts';
import {
  fingerprintOf,
  judgeHostKey,
  keyTypeOf,
  knownHostsOf,
  parseKnownHosts,
} from '../../../src/hosts/known-hosts.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { makeKey } from '../../support/sshd.ts';

const blob = (text: string) => Buffer.from(`\0\0\0\x0bssh-ed25519${text}`, 'latin1');
const line = (names: string, key: Buffer) => `${names} ssh-ed25519 ${key.toString('base64')} comment here`;
const [one, two] = [blob('one'), blob('two')];
const judge = (text: string, host: string, port: number, key: Buffer) =>
  judgeHostKey(knownHostsOf(parseKnownHosts(text), host, port), key);

describe('known_hosts', () => {
  it('knows a host by name, address and list', () => {
    const text = line('db1.example,10.0.0.7', one);
    expect(judge(text, 'db1.example', 22, one)).to.equal('known');
    expect(judge(text, 'DB1.Example', 22, one)).to.equal('known');
    expect(judge(text, '10.0.0.7', 22, one)).to.equal('known');
    expect(judge(text, 'db1.example', 22, two)).to.equal('changed');
    expect(judge(text, 'db2.example', 22, one)).to.equal('unknown');
    expect(judge(text, 'db1xexample', 22, one)).to.equal('unknown');
  });

  it('takes another port as another host', () => {
    expect(judge(line('db1', one), 'db1', 2222, one)).to.equal('unknown');
    expect(judge(line('[db1]:2222', one), 'db1', 2222, one)).to.equal('known');
    expect(judge(line('[db1]:2222', one), 'db1', 22, one)).to.equal('unknown');
  });

  it('knows patterns, and what they exclude', () => {
    const text = line('*.example,!bad.example,db?', one);
    expect(judge(text, 'a.b.example', 22, one)).to.equal('known');
    expect(judge(text, 'bad.example', 22, one)).to.equal('unknown');
    expect(judge(text, 'db7', 22, one)).to.equal('known');
    expect(judge(text, 'db77', 22, one)).to.equal('unknown');
    expect(judge(line('!db7', one), 'db8', 22, one)).to.equal('unknown');
  });

  it('accepts any of several keys of a host', () => {
    expect(judge(`${line('db1', two)}\n${line('db1', one)}`, 'db1', 22, one)).to.equal('known');
  });

  it('refuses a revoked key, whatever else is recorded', () => {
    const text = `${line('db1', one)}\n@revoked ${line('*', one)}`;
    expect(judge(text, 'db1', 22, one)).to.equal('revoked');
    expect(judge(text, 'db1', 22, two)).to.equal('changed');
    expect(judge(`@revoked ${line('*', one)}`, 'db1', 22, two)).to.equal('unknown');
  });

  it('passes over comments, empty lines, authorities, unknown markers and rubbish', () => {
    const text = [
      '',
      '# db1 ssh-ed25519 AAAA',
      `@cert-authority ${line('db1', one)}`,
      `@odd ${line('db1', one)}`,
      'db1',
      'db1 ssh-ed25519',
    ];
    expect(parseKnownHosts(text.join('\r\n'))).to.deep.equal([]);
    expect(judge(`\t ${line('db1', one)}\r\n`, 'db1', 22, one)).to.equal('known');
  });

  it('agrees with ssh-keygen on hashed names and fingerprints', async () => {
    await using scratch = await scratchFolder();
    const path = join(scratch.path, 'key');
    const publicKey = await makeKey(path, 'ed25519');
    const key = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
    const file = join(scratch.path, 'known_hosts');
    writeFileSync(file, `db1 ${publicKey}\n[db1]:2222 ${publicKey}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const hashed = readFileSync(file, 'utf8');
    expect(hashed)
      .to.match(/^\|1\|/)
      .and.not.contain('db1');
    expect(judge(hashed, 'db1', 22, key)).to.equal('known');
    expect(judge(hashed, 'db1', 2222, key)).to.equal('known');
    expect(judge(hashed, 'db1', 22, one)).to.equal('changed');
    expect(judge(hashed, 'db2', 22, key)).to.equal('unknown');
    expect(execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' })).to.contain(fingerprintOf(key));
    expect(keyTypeOf(key)).to.equal('ssh-ed25519');
  });

  it('says what to compare, and what to type', () => {
    const place = { label: 'ssh:db1', host: 'db1', port: 2222, knownHostsFile: 'known_hosts' };
    expect(refuseHostKey(parseKnownHosts(line('x', one)), one, place)).to.equal(undefined);
    const unknown = refuseHostKey([], one, place);
    expect(unknown?.code).to.equal('HOST_KEY_UNKNOWN');
    expect(unknown?.message).to.contain(fingerprintOf(one));
    expect(unknown?.hint).to.contain('ssh-keyscan -p 2222 -t ed25519 db1 >> known_hosts').and.contain('ssh-keygen -lf');
    const changed = refuseHostKey(parseKnownHosts(line('x', one)), two, place);
    expect(changed?.code).to.equal('HOST_KEY_CHANGED');
    expect(changed?.message).to.contain(fingerprintOf(one)).and.contain(fingerprintOf(two));
    expect(changed?.hint).to.contain("ssh-keygen -f known_hosts -R '[db1]:2222'");
    const revoked = refuseHostKey(parseKnownHosts(`@revoked ${line('x', one)}`), one, place);
    expect(revoked?.code).to.equal('HOST_KEY_CHANGED');
    expect(revoked?.message).to.contain('revoked');
  });
});
