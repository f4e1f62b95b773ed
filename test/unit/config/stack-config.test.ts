import { expect } from 'chai';
import { parseConfig } from '../../../src/config/load.ts';
import { stackConfigText } from '../../../src/config/stack-config.ts';
import { engines } from '../../../src/engines/index.ts';

const text = `version: 1
timeZone: Europe/Tallinn
keys: { private: keys/signing.key, public: [keys/signing.pub], ledger: keys/ledger.key }
vaults:
  vault: { kind: directory, folder: vault }
  elsewhere: { kind: directory, folder: /mnt/elsewhere }
services:
  agama:
    engine: mysql
    reach: { ssh: { host: db.example.com, user: backup, identityFile: k, knownHostsFile: h } }
    rpo: 1h
    retention: 56d
    quiet: 10m
    settings:
      databases: [agama]
      user: firedrill
      password: { env: SECRET }
      socketPath: /run/mysqld.sock
      appAccounts: [{ user: app, password: { file: secrets/app.txt } }, { user: other, password: { env: OTHER } }]
    checks: { some: { sql: SELECT 1, equals: 1 } }
  telegraf:
    engine: influxdb
    reach: local
    rpo: 1d
    retention: 56d
    settings: { database: telegraf }
targets: { other: { engine: mysql, reach: local, settings: { databases: [agama], user: adm } } }
drill: { rto: 45m, images: { mysql: my-mysql }, pull: never, planted: true, also: [random], from: alternate, loopbackNames: [db1] }
schedules: { full: never }
mail: { from: a@example.com, to: [b@example.com], responsible: c, smtp: { host: mail.example.com } }
applications:
  todo:
    image: todo
    env: { HOST: '\${agama.host}' }
    logins: { agama: { user: app, password: { file: secrets/todo.txt } } }
    port: 80
    steps: [{ get: / }]
  other: { image: other, env: { HOST: '\${telegraf.host}' }, port: 80, steps: [{ get: / }] }
reports: { folder: elsewhere }
`;

describe("the configuration of a game day's stack", () => {
  const settings = { user: 'gameday', password: { file: 'secrets/agama.txt' }, port: 3306, socketPath: null };
  const derived = stackConfigText(
    text,
    '/company/firedrill.yaml',
    [{ service: 'agama', container: 'firedrill-x-agama', settings }],
    ['todo'],
  );
  const config = parseConfig(derived, 'firedrill.yaml', engines);

  it('has the services of the scenario under the same objectives and checks, in containers with a login of their own', () => {
    expect(Object.keys(config.services)).to.deep.equal(['agama']);
    const { agama } = config.services;
    expect(agama).to.deep.include({
      rpo: 3_600_000,
      retention: 56,
      quiet: 'any',
      reach: { docker: 'firedrill-x-agama' },
    });
    const found = agama?.settings as Record<string, unknown>;
    expect(found).to.deep.include({ databases: ['agama'], user: 'gameday', port: 3306 });
    expect(found).to.not.have.property('socketPath');
    expect(derived).to.contain('equals: 1');
  });

  it('names the secrets of the user by whole paths, and its own beside itself', () => {
    expect(derived).to.contain('file: /company/secrets/todo.txt').and.to.not.contain('image: other');
    expect(derived).to.contain('file: /company/secrets/app.txt').and.to.contain('env: OTHER');
    expect(derived).to.contain('file: secrets/agama.txt').and.to.not.contain('env: SECRET');
  });

  it('has keys, vaults and reports of its own, drills as the user does, and tells nobody', () => {
    expect(config.keys).to.deep.include({ private: 'keys/signing.key', public: ['keys/signing.pub'] });
    expect(Object.keys(config.vaults)).to.deep.equal(['onsite', 'offsite']);
    expect(config.drill).to.deep.include({ rto: 2_700_000, pull: 'never', planted: false, also: [], from: 'onsite' });
    expect(config.drill.images).to.deep.equal({ mysql: 'my-mysql' });
    expect(config.drill.loopbackNames).to.deep.equal(['db1']);
    expect(config.reports.folder).to.equal('reports');
    expect(config).to.not.have.property('mail');
    expect([config.timeZone, Object.keys(config.targets)]).to.deep.equal(['Europe/Tallinn', []]);
  });
});
