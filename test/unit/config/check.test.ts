import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readEnvironment } from '../../../src/config/environment.ts';
import { exampleConfig } from '../../../src/config/example.ts';
import { loadConfig, parseConfig, readConfig } from '../../../src/config/load.ts';
import { unreadableFiles } from '../../../src/config/named-files.ts';
import { configWarnings } from '../../../src/config/warnings.ts';
import { engines } from '../../../src/engines/index.ts';
import type { FiredrillError } from '../../../src/kit/errors.ts';
import { scratchFolder } from '../../support/scratch.ts';

/** The example with a change, in a folder of its own. */
async function example(change: (text: string) => string = (text) => text) {
  const scratch = await scratchFolder();
  const at = (name: string) => join(scratch.path, name);
  await writeFile(at('firedrill.yaml'), change(exampleConfig()));
  const read = (variables: NodeJS.ProcessEnv = {}) =>
    readConfig(at('firedrill.yaml'), engines, readEnvironment(variables));
  return { at, read, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

/** The problems of the example after a change. */
function problemsAfter(from: string | RegExp, to: string): readonly string[] {
  const text = exampleConfig().replace(from, to);
  expect(text, `${from} is in the example`).to.not.equal(exampleConfig());
  try {
    parseConfig(text, 'f.yaml', engines);
    return [];
  } catch (error) {
    return (error as FiredrillError).detail;
  }
}

describe('the example of init', () => {
  it('is a good configuration once its secrets and files are made', async () => {
    await using given = await example();
    const variables = { TELEGRAF_PASSWORD: 'a', LATENCY_PASSWORD: 'b' };
    const before = await given.read();
    expect(before.missingSecrets).to.have.length(3);
    expect(before.missingSecrets[0]).to.match(
      /^services\.agama\.settings\.password: file secrets\/agama\.txt: it is not/,
    );
    expect(await unreadableFiles(before.config)).to.have.length(5);
    for (const folder of ['keys', 'secrets']) await mkdir(given.at(folder));
    for (const file of [
      'keys/signing.key',
      'keys/signing.pub',
      'keys/ledger.key',
      'keys/backup_ssh',
      'keys/known_hosts',
      'secrets/agama.txt',
    ]) {
      await writeFile(given.at(file), 'x', { mode: 0o600 });
    }
    const config = await loadConfig(given.at('firedrill.yaml'), engines, readEnvironment(variables));
    expect(await unreadableFiles(config)).to.deep.equal([]);
    const rows = config.services.map(({ service, engine, objectives }) => [
      ...[service, engine, objectives.rpoMs / 3_600_000, objectives.retentionDays],
    ]);
    expect(rows).to.deep.equal([
      ['agama', 'mysql', 1, 56],
      ['telegraf', 'influxdb', 24, 56],
      ['latency', 'influxdb', 24, 28],
      ['grafana', 'grafana', 24, 28],
    ]);
    expect(config.drill.rtoMs).to.equal(1_800_000);
    expect(configWarnings(config)).to.deep.equal([]);
  });

  it('holds no secret, and keys that every reader understands without a manual', () => {
    expect(exampleConfig()).to.not.match(/(password|secretKey): *[^ {]/);
    expect(
      exampleConfig()
        .split('\n')
        .filter((line) => /^\s*#/.test(line)).length,
    ).to.be.greaterThan(15);
  });
});

describe('judging a configuration', () => {
  const cases: [string, string | RegExp, string, RegExp][] = [
    [
      'an RPO larger than the retention',
      'rpo: 1h',
      'rpo: 57d',
      /services\.agama\.rpo: 57d is not allowed; allowed: no more than the retention$/,
    ],
    [
      'part of a day as retention',
      'retention: 56d',
      'retention: 36h',
      /retention: 36h is not allowed; allowed: whole days, such as 56d$/,
    ],
    [
      'a size without a unit',
      'memory: 4GiB',
      'memory: 4',
      /limits\.memory: 4 is not allowed; allowed: a size such as 512MiB/,
    ],
    ['no time at all', 'rto: 30m', 'rto: 0s', /drill\.rto: 0s is not allowed; allowed: a duration/],
    [
      'a schedule that is none',
      'full: 30 1 * * 0',
      'full: sundays',
      /schedules\.full: sundays is not allowed; allowed: never or five fields of cron/,
    ],
    [
      'a schedule that no clock ever shows',
      'drill: 15 2 * * *',
      'drill: 75 2 * * *',
      /schedules\.drill: 75 2 \* \* \* is not allowed; allowed: never or five fields of cron/,
    ],
    [
      'a date that there never is',
      'expire: after-drill',
      'expire: 0 4 30 2 *',
      /schedules\.expire: .* allowed: after-drill or never or five fields of cron.*, of a date that there is/,
    ],
    [
      'a burned building without another vault',
      '  expire: after-drill',
      '  buildingBurned: { identity: escrow.key }\n  expire: after-drill',
      /schedules\.buildingBurned: .* is not allowed; allowed: only with another vault than the first/,
    ],
    [
      'a schedule of another name',
      'full: 30 1 * * 0',
      'weekly: 30 1 * * 0',
      /schedules\.weekly: is not a key of this place/,
    ],
    [
      'a time zone that is none',
      'timeZone: UTC',
      'timeZone: Mars/Base',
      /timeZone: Mars\/Base is not allowed; allowed: an IANA time zone/,
    ],
    [
      'a service whose name is no folder',
      '  latency:',
      '  ../latency:',
      /services\.\.\.\/latency: \.\.\/latency is not allowed as a name; allowed: a name of a–z/,
    ],
    [
      "an engine's setting with a typing mistake",
      'databases: [agama]',
      'database: [agama]',
      /settings\.database: is not a key of this place; did you mean/,
    ],
    [
      "an engine's setting of the wrong kind",
      'databases: [agama]',
      'databases: agama',
      /settings\.databases: agama is not allowed; allowed: a list/,
    ],
    [
      'a secret in clear',
      '{ file: secrets/agama.txt }',
      'hunter2',
      /settings\.password: a secret does not stand here in clear/,
    ],
    [
      'an address without a port',
      'db1.example.com:3306',
      'db1.example.com',
      /addresses\.0: db1\.example\.com is not allowed; allowed: host:port/,
    ],
    [
      'a mail address that is none',
      'to: [manager@example.com]',
      'to: ["manager@example.com\\r\\nBcc: all@example.com"]',
      /mail\.to\.0: .* is not allowed; allowed: an address such as ops@example\.com, or Ops <ops@example\.com>/,
    ],
    [
      'a password of mail in clear',
      'port: 25 }',
      'port: 25, user: firedrill, password: hunter2 }',
      /mail\.smtp\.password: a secret does not stand here in clear/,
    ],
    [
      'a user of mail without a password',
      'port: 25 }',
      'port: 25, user: firedrill }',
      /mail\.smtp\.user: .*allowed: a user with a password, or neither/,
    ],
    [
      'a password that could go out in clear',
      'port: 25 }',
      'port: 25, tls: opportunistic, user: firedrill, password: { env: MAIL } }',
      /mail\.smtp\.tls: opportunistic is not allowed; allowed: starttls or implicit, where somebody logs in/,
    ],
    [
      'a ping that is no URL',
      'reports:\n',
      'notify: { pings: { drill: ftp://example.com } }\nreports:\n',
      /notify\.pings\.drill: ftp:\/\/example\.com is not allowed; allowed: a URL such as/,
    ],
    [
      'metrics that node_exporter would pass over',
      'reports:\n',
      'notify: { textfile: metrics.txt }\nreports:\n',
      /notify\.textfile: metrics\.txt is not allowed; allowed: a file whose name ends in \.prom/,
    ],
    [
      'a day that is none',
      'retention: 56d',
      'retention: 56d\n    usualSince: 2026-13-01',
      /services\.agama\.usualSince: 2026-13-01 is not allowed; allowed: a day such as 2026-11-22, or an instant/,
    ],
    [
      'an instant without its zone',
      'retention: 56d',
      'retention: 56d\n    usualSince: 2026-11-22T01:30',
      /usualSince: 2026-11-22T01:30 is not allowed; allowed: a day such as/,
    ],
    ['another format', 'version: 1', 'version: 2', /version: 2 is not allowed; allowed: 1/],
  ];
  for (const [what, from, to, words] of cases) {
    it(`finds ${what}`, () => {
      const found = problemsAfter(from, to).join('\n');
      expect(found).to.match(words);
      expect(found).to.match(/^f\.yaml:\d+: /);
      expect(found).to.not.contain('hunter2');
    });
  }

  it('keeps versions of images as they are written: 9.10 is not 9.1', () => {
    const text = exampleConfig().replace(
      '  pull: missing',
      '  images: { mysql: { 9.10: a, 9.1: b } }\n  pull: missing',
    );
    expect(parseConfig(text, 'f.yaml', engines).drill.images).to.deep.equal({ mysql: { '9.10': 'a', '9.1': 'b' } });
  });

  it('takes a day, or an instant, since when things are as they are', async () => {
    for (const [text, ms] of [
      ['2026-11-22', Date.UTC(2026, 10, 22)],
      ['2026-11-22T01:30Z', Date.UTC(2026, 10, 22, 1, 30)],
      ['2026-11-22T01:30:05.250Z', Date.UTC(2026, 10, 22, 1, 30, 5, 250)],
    ]) {
      await using given = await example((all) =>
        all.replace('retention: 56d', `retention: 56d\n    usualSince: ${text}`),
      );
      const [agama, telegraf] = (await given.read()).config.services;
      expect([agama?.usualSinceMs, telegraf?.usualSinceMs]).to.deep.equal([ms, undefined]);
    }
  });

  it('says of a secret file why it cannot be read', async () => {
    await using given = await example();
    await mkdir(given.at('secrets'));
    await writeFile(given.at('secrets/agama.txt'), 'x');
    await chmod(given.at('secrets/agama.txt'), 0o644);
    expect((await given.read()).missingSecrets[0]).to.match(/everybody may read it; run: chmod 600/);
    await chmod(given.at('secrets/agama.txt'), 0o600);
    expect((await given.read()).missingSecrets[0]).to.match(/^services\.telegraf\.settings\.password: environment/);
  });
});

describe("the user's own checks in a configuration", () => {
  /** The example, where each service of the given names has checks. */
  const withChecks = (checks: Record<string, string>) =>
    Object.entries(checks).reduce(
      (text, [service, lines]) => text.replace(`  ${service}:\n`, `  ${service}:\n    checks: ${lines}\n`),
      exampleConfig(),
    );
  const problemsOf = (service: string, check: string) => {
    try {
      parseConfig(withChecks({ [service]: `{ 'one of mine': ${check} }` }), 'f.yaml', engines);
      return '';
    } catch (error) {
      return (error as FiredrillError).detail.join('\n');
    }
  };

  it('become questions in the form of their engine, and what the answers are held to', async () => {
    await using given = await example(() =>
      withChecks({
        agama: `{ 'orders of today': { sql: SELECT COUNT(*) FROM orders, min: 1, max: 1e6, within: 5s } }`,
        telegraf: `{ hosts: { influxql: SHOW TAG VALUES WITH KEY = host, rows: 12 } }`,
        grafana: `{ title: { http: /api/dashboards/uid/x, at: /dashboard/title, equals: Überblick } }`,
      }),
    );
    const { services } = (await given.read()).config;
    const none = { equals: undefined, min: undefined, max: undefined, rows: undefined, contains: undefined };
    expect(services.map(({ checks }) => checks)).to.deep.equal([
      [
        {
          ...{ name: 'orders of today', question: { sql: 'SELECT COUNT(*) FROM orders' }, withinMs: 5_000 },
          expectation: { ...none, min: 1, max: 1_000_000 },
        },
      ],
      [
        {
          ...{ name: 'hosts', question: { influxql: 'SHOW TAG VALUES WITH KEY = host' }, withinMs: 60_000 },
          expectation: { ...none, rows: 12 },
        },
      ],
      [],
      [
        {
          ...{ name: 'title', withinMs: 60_000 },
          question: { http: '/api/dashboards/uid/x', at: '/dashboard/title', org: 1 },
          expectation: { ...none, equals: 'Überblick' },
        },
      ],
    ]);
  });

  const cases: [string, string, string, RegExp][] = [
    [
      'a statement that changes data',
      'agama',
      '{ sql: DELETE FROM orders, rows: 0 }',
      /sql: DELETE FROM orders is not/,
    ],
    [
      'two statements',
      'agama',
      '{ sql: SELECT 1; DROP TABLE x, rows: 0 }',
      /allowed: one statement that only reads: SELECT/,
    ],
    [
      'InfluxQL that writes',
      'telegraf',
      '{ influxql: SELECT * INTO x FROM y, rows: 0 }',
      /allowed: SELECT or SHOW, without INTO/,
    ],
    ['a path that is not of the API', 'grafana', '{ http: /logout, contains: x }', /allowed: a path below \/api\//],
    [
      'another engine’s question',
      'grafana',
      '{ sql: SELECT 1, rows: 1 }',
      /one of mine\.sql: is not a key of this place/,
    ],
    ['no question', 'agama', '{ rows: 1 }', /one of mine\.sql: is missing; allowed: text/],
    ['no expectation', 'agama', '{ sql: SELECT 1 }', /allowed: at least one of equals, min, max, rows, contains$/],
    [
      'an expectation that nothing meets',
      'agama',
      '{ sql: SELECT 1, min: 2, max: 1 }',
      /max: 1 is not allowed; allowed: no less than min/,
    ],
    [
      'more rows than are counted',
      'agama',
      '{ sql: SELECT 1, rows: 1001 }',
      /rows: 1001 is not allowed; allowed: at most 1000/,
    ],
    [
      'a time without a unit',
      'agama',
      '{ sql: SELECT 1, rows: 1, within: 10 }',
      /within: 10 is not allowed; allowed: a duration/,
    ],
  ];
  for (const [what, service, check, words] of cases) {
    it(`are refused for ${what}`, () => {
      expect(problemsOf(service, check))
        .to.match(words)
        .and.match(/^f\.yaml:\d+: services\./);
    });
  }

  it('have names of one line', () => {
    const named = (name: string) => withChecks({ agama: `{ ${JSON.stringify(name)}: { sql: SELECT 1, rows: 1 } }` });
    for (const name of ['', ' x', 'x ', 'a\nb', 'x'.repeat(81)]) {
      expect(() => parseConfig(named(name), 'f.yaml', engines), name).to.throw(/1 problem/);
    }
    expect(() => parseConfig(named('Alle Kunden: ja?'), 'f.yaml', engines)).to.not.throw();
  });
});

describe('configWarnings', () => {
  const warningsAfter = async (change: (text: string) => string) => {
    await using given = await example(change);
    return configWarnings((await given.read()).config);
  };

  it('has nothing against the example', async () => {
    expect(await warningsAfter((text) => text)).to.deep.equal([]);
  });

  it('names mail and pings that can be read on the way, and a port that awaits TLS at once', async () => {
    const ofMail = async (more: string) =>
      (await warningsAfter((text) => text.replace('port: 25 }', more))).filter((each) => /^mail\./.test(each));
    expect(await ofMail('port: 465 }')).to.deep.equal(['mail.smtp.tls: servers on port 465 await implicit']);
    expect(await ofMail('port: 465, tls: implicit }')).to.deep.equal([]);
    expect((await ofMail('tls: none }')).join()).to.match(/tls: none: whoever is on the way can read the reports/);
    const told = await warningsAfter((text) =>
      text.replace('reports:\n', 'notify: { pings: { drill: http://hc.example.com/1 } }\nreports:\n'),
    );
    expect(told.join()).to.match(/notify: the URL of drill is of http/);
    const local = 'notify: { pings: { drill: http://127.0.0.1:8000/1 }, webhook: { url: { env: HOOK } } }\nreports:\n';
    expect((await warningsAfter((text) => text.replace('reports:\n', local))).join()).to.not.contain('of http');
  });

  it('names vaults that are no second copy, are not encrypted, or hand their key to the machine that makes backups', async () => {
    const offsite = `host: far, user: firedrill, folder: vault, knownHosts: ['far ssh-ed25519 AAAA']`;
    const second = (more: string) => (text: string) =>
      text.replace('folder: vault }', `folder: vault }\n  offsite: { kind: sftp, ${offsite}${more} }`);
    const ofVault = async (more: string) => (await warningsAfter(second(more))).filter((each) => /^vaults/.test(each));
    expect(await ofVault('')).to.deep.equal([
      'vaults.offsite: neither identityFile nor agentSocket is named: no login can succeed',
      'vaults.offsite: no recipients are named: whoever holds that machine can read the backups',
    ]);
    const sound = `, agentSocket: /agent, recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]`;
    expect(await ofVault(sound)).to.deep.equal([]);
    expect((await ofVault(`${sound}, ageIdentityFile: escrow.key, sameMachineAllowed: true`)).join()).to.match(
      /^vaults\.offsite\.ageIdentityFile: this machine makes backups.*,vaults\.offsite\.sameMachineAllowed: a fire/,
    );
    const alternating = (text: string) => text.replace('\ndrill:\n', '\ndrill:\n  from: alternate\n');
    expect(await warningsAfter(alternating)).to.include('drill.from: there is one vault only: it is drilled');
  });

  it('names an escrow key on the machine that makes backups', async () => {
    const burned = await warningsAfter((text) =>
      text
        .replace('folder: vault }', 'folder: vault }\n  offsite: { kind: directory, folder: /far }')
        .replace('schedules:\n', 'schedules:\n  buildingBurned: { identity: escrow.key }\n'),
    );
    expect(burned.join()).to.match(/schedules\.buildingBurned\.identity: this machine makes backups/);
  });

  it('names an RPO that nights cannot meet, and an ssh host without a key', async () => {
    const nightly = await warningsAfter((text) => text.replace(/ {2}hourly: .*\n/, '  hourly: never\n'));
    expect(nightly.at(-1)).to.match(
      /^services\.agama\.rpo: 1 h cannot be met by nightly backups, and schedules\.hourly/,
    );
    const keyless = await warningsAfter((text) => text.replace(/ +identityFile: keys.backup_ssh.*\n/, ''));
    expect(keyless.at(-1)).to.match(/^services\.agama\.reach\.ssh: neither identityFile nor agentSocket/);
  });
});
