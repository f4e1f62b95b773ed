import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { compose, composeServices, hostLabel } from '../../../src/cli/compose.ts';
import { chosenServices } from '../../../src/cli/context.ts';
import type { Config, Reach, ServiceConfig, VaultConfig } from '../../../src/config/config.ts';
import { createSigningKey } from '../../../src/kit/signing-key.ts';
import { fileEngine } from '../../support/file-engine.ts';
import { testLimits } from '../../support/pod.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { noSchedules } from '../../support/schedules.ts';
import { scratchFolder } from '../../support/scratch.ts';

const ssh: Reach = {
  ...{ kind: 'ssh', host: 'db1.invalid', port: 2222, user: 'backup', knownHostsFile: '/nowhere/known_hosts' },
  ...{ identityFile: undefined, agentSocket: undefined },
};

const service = (name: string, change: Partial<ServiceConfig> = {}): ServiceConfig => ({
  service: name,
  engine: 'file',
  reach: { kind: 'local' },
  objectives: { rpoMs: 3_600_000, retentionDays: 7 },
  quietMs: undefined,
  limits: testLimits,
  heartbeat: true,
  checks: [],
  usualSinceMs: undefined,
  settings: { content: name },
  ...change,
});

const directory = (label: string, folder: string): VaultConfig => ({
  ...{ kind: 'directory', label, folder, recipients: [] },
  ...{ ageIdentityFile: undefined, retentionDays: undefined, sameMachineAllowed: false },
});

async function composed(change: Partial<Config> = {}) {
  const scratch = await scratchFolder();
  const publicKey = join(scratch.path, 'signing.pub');
  await writeFile(publicKey, createSigningKey().publicPem);
  const config: Config = {
    file: join(scratch.path, 'firedrill.yaml'),
    timeZone: 'UTC',
    signingKeyFile: '/nowhere/signing.key',
    trustedKeyFiles: [publicKey],
    trustedKeyTexts: [],
    ledgerKeyFile: undefined,
    ledgerPublicFiles: [],
    vaults: [directory('onsite', join(scratch.path, 'vault')), directory('other', '/nowhere')],
    services: [service('one'), service('two', { quietMs: null, reach: { kind: 'docker', container: 'db' } })],
    drill: {
      rtoMs: 60_000,
      images: { file: { '1': 'file:one' } },
      pull: 'never',
      isolation: { addresses: ['db1:3306'], names: ['db1'] },
      loopbackNames: ['influx'],
      from: 'onsite',
      also: ['longest'],
      walkBack: 3,
      planted: true,
    },
    applications: [],
    targets: [],
    safetyFolder: join(scratch.path, 'safety-copies'),
    reportsFolder: join(scratch.path, 'reports'),
    scenariosFolder: join(scratch.path, 'drills'),
    gameDaysFolder: join(scratch.path, 'gamedays'),
    mail: undefined,
    notify: undefined,
    schedules: noSchedules,
    ...change,
  };
  const made = await compose(config, { engines: [fileEngine], dockerHost: undefined }).finally(() =>
    scratch[Symbol.asyncDispose](),
  );
  return { composed: made, config };
}

describe('compose', () => {
  it('takes the first vault, and reads public keys but no private one', async () => {
    const { composed: made } = await composed();
    expect(made.vault.label).to.equal('onsite');
    expect(made.trusted).to.have.length(1);
    expect(await rejectionOf(made.signingKey())).to.include({ code: 'KEY_INVALID' });
  });

  it('makes the order of a drill from the configuration alone', async () => {
    const { composed: made } = await composed();
    const at = new Date('2026-11-22T01:30:00Z');
    const order = made.drillOrder('nightly', ['two', 'one'], { asOf: at, since: at });
    expect(order).to.deep.include({
      name: 'nightly',
      rtoMs: 60_000,
      pull: 'never',
      loopbackNames: ['influx'],
      asOf: at,
      since: at,
      also: ['longest'],
      walkBack: 3,
    });
    expect(order.isolation).to.deep.equal({ addresses: ['db1:3306'], names: ['db1'] });
    expect(order.services.map((each) => [each.service, each.host, each.quietMs])).to.deep.equal([
      ['one', 'local', fileEngine.quietMs],
      ['two', 'docker:db', null],
    ]);
    expect(order.services[0]?.imageFor('1.0')).to.equal('file:one');
    expect(made.drillOrder('nightly', ['two']).services.map((each) => each.service)).to.deep.equal(['two']);
    expect(made.drillOrder('nightly', ['two'])).to.not.have.any.keys('asOf', 'before', 'since');
    expect(made.drillOrder('undo', ['two'], { before: 'a:1' })).to.include({ before: 'a:1' });
    expect(made.planted).to.equal(true);
  });

  it('connects to nothing: hosts that are nowhere do no harm before they are used', async () => {
    const { composed: made } = await composed({ services: [service('one', { reach: ssh })] });
    await using source = await made.services[0]?.connect();
    expect(source?.host.label).to.equal('ssh:db1.invalid');
    expect(source?.settings).to.deep.equal({ content: 'one' });
  });

  it('gives sources the label that drills expect in their backups', async () => {
    const reaches: Reach[] = [{ kind: 'local' }, { kind: 'docker', container: 'db' }, ssh];
    const { config } = await composed({ services: reaches.map((reach, i) => service(`s${i}`, { reach })) });
    const services = composeServices(config, { engines: [fileEngine], dockerHost: undefined });
    for (const [i, reach] of reaches.entries()) {
      await using source = await services[i]?.connect();
      expect(source?.host.label).to.equal(hostLabel(reach));
    }
  });

  it('names an ssh key that cannot be read when it is needed', async () => {
    const reach: Reach = { ...ssh, identityFile: '/nowhere/id' };
    const { composed: made } = await composed({ services: [service('one', { reach })] });
    const error = await rejectionOf(made.services[0]?.connect() ?? Promise.resolve());
    expect(error).to.include({ code: 'KEY_INVALID' });
    expect(error.message).to.match(/ssh key \/nowhere\/id cannot be read/);
  });

  it('refuses an engine that there is not, and a DOCKER_HOST that is none only where Docker is used', async () => {
    expect(await rejectionOf(composed({ services: [service('one', { engine: 'postgres' })] }))).to.include({
      code: 'CONFIG_INVALID',
    });
    const { config } = await composed();
    const services = composeServices(config, { engines: [fileEngine], dockerHost: 'ftp://x' });
    await using local = await services[0]?.connect();
    expect(local?.host.label).to.equal('local');
    expect(await rejectionOf(services[1]?.connect() ?? Promise.resolve())).to.include({ code: 'CONFIG_INVALID' });
  });
});

describe('chosenServices', () => {
  it('keeps the order of the configuration, takes all by default, and names all that are unknown', async () => {
    const { composed: made } = await composed();
    expect(chosenServices(made, []).map((each) => each.service)).to.deep.equal(['one', 'two']);
    expect(chosenServices(made, ['two', 'one']).map((each) => each.service)).to.deep.equal(['one', 'two']);
    expect(() => chosenServices(made, ['three', 'one', 'four'])).to.throw('there is no service three, four');
  });
});
