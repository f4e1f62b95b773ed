import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { readEnvironment } from '../../../src/config/environment.ts';
import { loadConfig, parseConfig } from '../../../src/config/load.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { type Secret, secretSchema } from '../../../src/model/secret.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const engines = [
  { name: 'mysql', title: 'MySQL', settings: z.strictObject({ user: z.string(), password: secretSchema }) },
  { name: 'file', title: 'File', settings: z.strictObject({ content: z.string() }) },
];

const good = `version: 1
keys:
  public: [keys/signing.pub]
vaults:
  onsite: { kind: directory, folder: vault }
services:
  agama:
    engine: mysql
    reach: { docker: agama-db }
    rpo: 1h
    retention: 56d
    settings:
      user: backup
      password: { file: secret.txt }
  notes:
    engine: file
    reach: local
    rpo: 1d
    retention: 28d
    quiet: any
    limits: { memory: 1GiB }
    settings: { content: hello }
`;

async function written(text: string, secret = 's3cret-value') {
  const scratch = await scratchFolder();
  const file = join(scratch.path, 'firedrill.yaml');
  await writeFile(file, text);
  await writeFile(join(scratch.path, 'secret.txt'), `${secret}\n`, { mode: 0o600 });
  return { file, folder: scratch.path, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

const load = (file: string, variables: NodeJS.ProcessEnv = {}) => loadConfig(file, engines, readEnvironment(variables));

const passwordOf = (service: { settings: unknown } | undefined) =>
  (service?.settings as { password: Secret } | undefined)?.password.reveal();

const told = `mail:
  from: Firedrill <drill@example.com>
  to: [boss@example.com, 'Jürgen <jürgen@bücher.example>']
  digest: friday
  smtp: { host: mail.example.com, ca: ca.pem, user: drill, password: { file: secret.txt } }
notify:
  pings: { drill: https://hc.example.com/1, backup: { env: PING } }
  webhook: { url: { file: secret.txt } }
  textfile: metrics/firedrill.prom
`;

describe('loadConfig', () => {
  it('reads whom to tell: addresses in their parts, secrets where they are kept, limits as numbers', async () => {
    await using given = await written(`${good}${told}`);
    const { mail, notify } = await load(given.file, { PING: 'https://hc.example.com/2' });
    expect(mail).to.deep.include({
      from: { name: 'Firedrill', address: 'drill@example.com' },
      to: [
        { name: '', address: 'boss@example.com' },
        { name: 'Jürgen', address: 'jürgen@bücher.example' },
      ],
      ...{ responsible: 'the administrator', on: 'always', digest: 'friday' },
      ...{ attachmentLimitBytes: 10 * 1024 ** 2, patienceMs: 600_000 },
    });
    const { login, ...smtp } = mail?.smtp ?? {};
    expect(login?.user).to.equal('drill');
    expect(login?.password.reveal()).to.equal('s3cret-value');
    expect(smtp).to.deep.equal({
      ...{ host: 'mail.example.com', port: 587, tls: 'starttls' },
      ...{ caFile: join(given.folder, 'ca.pem'), timeLimitMs: 60_000 },
    });
    expect(Object.keys(notify?.pings ?? {})).to.deep.equal(['drill', 'backup']);
    expect(notify?.pings.drill).to.equal('https://hc.example.com/1');
    expect((notify?.pings.backup as Secret | undefined)?.reveal()).to.equal('https://hc.example.com/2');
    expect((notify?.webhook?.url as Secret | undefined)?.reveal()).to.equal('s3cret-value');
    expect(notify).to.include({ textfile: join(given.folder, 'metrics/firedrill.prom'), metrics: undefined });
    expect(JSON.stringify({ mail, notify })).to.not.match(/s3cret-value|hc\.example\.com\/2/);
  });

  it('reads a good one: milliseconds, bytes, absolute paths, secrets', async () => {
    await using given = await written(good);
    const config = await load(given.file);
    const [agama, notes] = config.services;
    expect(agama).to.deep.include({
      service: 'agama',
      engine: 'mysql',
      reach: { kind: 'docker', container: 'agama-db' },
    });
    expect(agama?.objectives).to.deep.equal({ rpoMs: 3_600_000, retentionDays: 56 });
    expect([agama?.quietMs, notes?.quietMs]).to.deep.equal([undefined, null]);
    expect([agama?.limits.memoryBytes, notes?.limits.memoryBytes, notes?.limits.pids]).to.deep.equal([
      2 ** 32,
      2 ** 30,
      512,
    ]);
    expect(passwordOf(agama)).to.equal('s3cret-value');
    expect(JSON.stringify(config)).to.not.contain('s3cret-value');
    expect(config.vaults[0]?.folder).to.equal(join(given.folder, 'vault'));
    expect(config.drill.rtoMs).to.equal(1_800_000);
  });

  it('restores no older points by default, looks for the last good of six, plants a fault, and writes heartbeats', async () => {
    await using plain = await written(good);
    const byDefault = await load(plain.file);
    expect(byDefault.drill).to.deep.include({ also: [], walkBack: 6, planted: true });
    expect(byDefault.services.map((each) => each.heartbeat)).to.deep.equal([true, true]);
    const drill = 'drill: { also: [longest, random], walkBack: 0, planted: false }\n';
    await using changed = await written(good.replace('rpo: 1h', 'rpo: 1h\n    heartbeat: false') + drill);
    const config = await load(changed.file);
    expect(config.drill).to.deep.include({ also: ['longest', 'random'], walkBack: 0, planted: false });
    expect(config.services.map((each) => each.heartbeat)).to.deep.equal([false, true]);
    await using wrong = await written(`${good}drill: { also: [newest], walkBack: 51 }\n`);
    const { detail } = await rejectionOf(load(wrong.file));
    expect(detail).to.have.length(2);
    expect(detail.join('\n')).to.match(/drill\.also\.0: newest is not allowed; allowed: random, longest/);
    expect(detail.join('\n')).to.match(/drill\.walkBack: 51/);
  });

  it('lists five mistakes at once, each with its line, its path, the value and what is allowed', async () => {
    const bad = good
      .replace('rpo: 1h', 'rpo: 1 hour')
      .replace('retention: 56d', 'retension: 56d')
      .replace('engine: file', 'engine: postgres')
      .replace('password: { file: secret.txt }', 'password: hunter2')
      .replace('kind: directory', 'kind: cloud');
    await using given = await written(bad);
    const failure = await rejectionOf(load(given.file));
    const all = failure.detail.join('\n');
    expect(failure).to.include({ code: 'CONFIG_INVALID', exit: 2 });
    expect(all).to.match(/firedrill\.yaml:5: vaults\.onsite\.kind: cloud is not allowed; allowed: directory/);
    expect(all).to.match(
      /firedrill\.yaml:10: services\.agama\.rpo: 1 hour is not allowed; allowed: a duration such as/,
    );
    expect(all).to.match(
      /firedrill\.yaml:11: services\.agama\.retension: is not a key of this place; did you mean retention\?/,
    );
    expect(all).to.match(/services\.agama\.settings\.password: a secret does not stand here in clear/);
    expect(all).to.match(/firedrill\.yaml:16: services\.notes\.engine: postgres is not allowed; allowed: mysql, file/);
    expect(all).to.not.contain('hunter2');
  });

  it('tells a configuration that is missing, and syntax that is wrong with line and column', async () => {
    expect(await rejectionOf(load('/nowhere/firedrill.yaml'))).to.include({ code: 'CONFIG_MISSING', exit: 2 });
    await using given = await written('version: 1\nvaults: {\n');
    expect((await rejectionOf(load(given.file))).detail[0]).to.match(/^firedrill\.yaml:\d+:\d+: /);
    await using twice = await written(`${good}version: 1\n`);
    expect((await rejectionOf(load(twice.file))).detail[0]).to.match(/unique/i);
  });

  it('tells secrets that are missing, empty or readable by everybody', async () => {
    await using open = await written(good);
    await chmod(join(open.folder, 'secret.txt'), 0o644);
    expect((await rejectionOf(load(open.file))).detail[0]).to.match(/services\.agama\.settings\.password.*chmod 600/);
    await using empty = await written(good, '');
    expect((await rejectionOf(load(empty.file))).detail[0]).to.match(/it is empty/);
    await using byVariable = await written(good.replace('{ file: secret.txt }', '{ env: DB_PASSWORD }'));
    expect((await rejectionOf(load(byVariable.file))).detail[0]).to.match(
      /environment variable DB_PASSWORD: it is not set/,
    );
    const config = await load(byVariable.file, { DB_PASSWORD: 'x' });
    expect(passwordOf(config.services[0])).to.equal('x');
  });

  it('does without the secrets of targets until one is restored into, which then says so', async () => {
    const target = `targets:
  rebuilt:
    engine: mysql
    reach: local
    settings: { user: adm, password: { env: ADMIN_PASSWORD } }
`;
    await using open = await written(`${good}${target}`);
    const [rebuilt] = (await load(open.file)).targets;
    expect(() => passwordOf(rebuilt)).to.throw(/the secret in environment variable ADMIN_PASSWORD was not read/);
    const [ready] = (await load(open.file, { ADMIN_PASSWORD: 'x' })).targets;
    expect(passwordOf(ready)).to.equal('x');
  });

  it('stops a bomb of aliases', () => {
    const bomb = `a: &a [1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
      .split('')
      .map((letter, i) => `${letter}: &${letter} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
      .join('\n')}`;
    expect(() => parseConfig(bomb, 'x.yaml', engines)).to.throw(FiredrillError);
  });

  it('never fails with anything but a coded error, whatever it is given (property)', () => {
    const attempt = (text: string) => {
      try {
        parseConfig(text, 'x.yaml', engines);
      } catch (error) {
        expect(error).to.be.instanceOf(FiredrillError).and.have.property('code', 'CONFIG_INVALID');
      }
    };
    fc.assert(fc.property(fc.string({ unit: 'binary' }), attempt));
    fc.assert(fc.property(fc.json(), attempt));
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(20), fc.string(), (from, length, insert) =>
        attempt(good.slice(0, from) + insert + good.slice(from + length)),
      ),
    );
  });
});
