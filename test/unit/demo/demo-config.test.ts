import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { burnedConfig, demoConfig } from '../../../scripts/demo/demo-config.ts';
import { prepareFolder } from '../../../scripts/demo/demo-folder.ts';
import type { ImageChoice } from '../../../scripts/image-choice.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { loadConfig, readConfig } from '../../../src/config/load.ts';
import { engines } from '../../../src/engines/index.ts';
import type { MysqlSettings } from '../../../src/engines/mysql/settings.ts';
import { sayStep, servicesOf } from '../../../src/model/application.ts';
import { scratchFolder } from '../../support/scratch.ts';

const choice: ImageChoice = {
  from: 'stand-in',
  images: { mysql: 'my:9.7', influxdb: 'influx:1.6', grafana: 'graf:7.5.5' },
  application: 'todo:1',
};

const source = (name: string, address: string) => ({ name, id: '0', address });
const sources = {
  agama: source('a', '172.18.0.2'),
  influxdb: source('i', '172.18.0.3'),
  grafana: source('g', '172.18.0.4'),
};

async function loaded(given = choice) {
  await using scratch = await scratchFolder();
  const { secrets, recipient } = await prepareFolder(scratch.path);
  const file = join(scratch.path, 'firedrill.yaml');
  const text = demoConfig(given, sources, recipient);
  await writeFile(file, text);
  return { config: await loadConfig(file, engines, readEnvironment({})), secrets, recipient, text };
}

/** As the other place has it: nothing lies beside it but what the demo puts there. */
async function afterTheFire() {
  await using scratch = await scratchFolder();
  const { secrets, publicPem } = await prepareFolder(scratch.path);
  const file = join(scratch.path, 'elsewhere/firedrill.yaml');
  const text = burnedConfig(choice, sources, publicPem);
  await writeFile(file, text);
  const folder = join(scratch.path, 'elsewhere');
  return { ...(await readConfig(file, engines, readEnvironment({}))), folder, secrets, publicPem, text };
}

describe('demoConfig', () => {
  it('is a good configuration of the four services with their objectives', async () => {
    const { config } = await loaded();
    const promised = config.services.map((each) => [
      each.service,
      each.engine,
      each.objectives.rpoMs / 3_600_000,
      each.objectives.retentionDays,
    ]);
    expect(promised).to.deep.equal([
      ['agama', 'mysql', 1, 56],
      ['telegraf', 'influxdb', 24, 56],
      ['latency', 'influxdb', 24, 28],
      ['grafana', 'grafana', 24, 28],
    ]);
    expect(config.drill.rtoMs).to.equal(1_800_000);
    expect(config.services.every((each) => each.reach.kind === 'docker')).to.equal(true);
  });

  it('asks what the company knows of its data, and logs in as its application', async () => {
    const { config, secrets } = await loaded();
    expect(config.services.map(({ checks }) => checks.length)).to.deep.equal([1, 1, 0, 1]);
    const settings = config.services[0]?.settings as MysqlSettings | undefined;
    expect(settings?.appAccounts.map(({ user, host, password }) => [user, host, password?.reveal()])).to.deep.equal([
      ['agama_app', '%', secrets.agamaApp],
      ['reporter', '10.%', undefined],
    ]);
  });

  it('runs its to-do application on what came back, as itself, and reads back what it writes', async () => {
    const [{ config, secrets }, burned] = [await loaded(), await afterTheFire()];
    const [todo] = config.applications;
    expect(todo).to.include({ application: 'todo', image: 'todo:1', ready: '/health', port: 8080 });
    expect(servicesOf(todo ?? { env: {} })).to.deep.equal(['agama']);
    expect(todo?.logins.agama?.password.reveal()).to.equal(secrets.agamaApp);
    expect(todo?.steps.map(sayStep)).to.deep.equal(['GET /', 'POST /items', 'POST /done', 'GET /api/items', 'GET /']);
    expect(todo?.steps.at(-1)?.expect.contains).to.deep.equal(['${random}']);
    // Its password has burned.
    expect(burned.config.applications).to.deep.equal([{ ...todo, logins: {} }]);
  });

  it('holds no secret, and finds each in its file', async () => {
    const { config, secrets, text } = await loaded();
    for (const secret of Object.values(secrets)) expect(text).to.not.contain(secret);
    const [agama, telegraf] = config.services.map((each) => each.settings as { password: { reveal(): string } });
    expect(agama?.password.reveal()).to.equal(secrets.agamaBackup);
    expect(telegraf?.password.reveal()).to.equal(secrets.influxAdmin);
  });

  it('uses the images that were chosen, and pulls none that was built here', async () => {
    const { config } = await loaded();
    expect(config.drill.images).to.deep.equal(choice.images);
    expect(config.drill.pull).to.equal('never');
    expect((await loaded({ ...choice, from: 'official' })).config.drill.pull).to.equal('missing');
  });

  it('names its own sources as what a restored copy must not reach', async () => {
    const { isolation } = (await loaded()).config.drill;
    expect(isolation.addresses).to.deep.equal(['172.18.0.2:3306', '172.18.0.3:8086', '172.18.0.4:3000']);
    expect(isolation.names).to.have.length(3);
    expect(isolation.names.every((name) => name.startsWith('firedrill-demo-'))).to.equal(true);
  });

  it('copies to another folder, encrypted to the escrow key, and says that one disk is no second place', async () => {
    const { config, recipient, text } = await loaded();
    const [onsite, offsite] = config.vaults;
    expect(onsite).to.deep.include({ label: 'onsite', recipients: [] });
    expect(offsite).to.deep.include({ label: 'offsite', recipients: [recipient], sameMachineAllowed: true });
    expect(offsite?.folder).to.match(/elsewhere\/offsite$/);
    expect(offsite?.ageIdentityFile).to.equal(undefined);
    expect(text).to.match(/protects from nothing/);
  });
});

describe('burnedConfig', () => {
  it('needs nothing that has burned: it holds the public key itself, and its folder the copies', async () => {
    const { config, missingSecrets, folder, publicPem } = await afterTheFire();
    expect(config.trustedKeyTexts.map((each) => each.trim())).to.deep.equal([publicPem.trim()]);
    expect([config.trustedKeyFiles, config.signingKeyFile]).to.deep.equal([[], undefined]);
    expect(config.vaults.map(({ label, folder }) => [label, folder])).to.deep.equal([
      ['offsite', join(folder, 'offsite')],
    ]);
    expect(config.reportsFolder).to.equal(join(folder, 'reports'));
    // Drills read none of them.
    expect(missingSecrets).to.have.length(4);
  });

  it('holds no secret, and drills the same services in the same time', async () => {
    const [{ config, secrets, text }, company] = [await afterTheFire(), (await loaded()).config];
    for (const secret of Object.values(secrets)) expect(text).to.not.contain(secret);
    const promised = (each: typeof config) => each.services.map(({ service, objectives }) => [service, objectives]);
    expect(promised(config)).to.deep.equal(promised(company));
    expect(config.drill).to.deep.equal({ ...company.drill, planted: false });
  });
});
