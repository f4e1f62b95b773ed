import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  listScenarios,
  loadScenario,
  ownScenarios,
  parseScenario,
  scenarioJsonSchema,
} from '../../../src/config/load-scenarios.ts';
import { engines as realEngines } from '../../../src/engines/index.ts';
import type { FiredrillError } from '../../../src/kit/errors.ts';
import { restoreReasons } from '../../../src/model/objectives.ts';
import type { RobotStep } from '../../../src/model/scenario.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

/** As if a stack could raise them all. */
const engines = realEngines.map((each) => ({ ...each, machines: {} }));

const company = [
  { service: 'agama', engine: 'mysql' },
  { service: 'telegraf', engine: 'influxdb' },
  { service: 'latency', engine: 'influxdb' },
  { service: 'grafana', engine: 'grafana' },
];
const known = company.flatMap(({ service, engine }) =>
  engines.filter((each) => each.name === engine).map((each) => ({ service, engine: each })),
);

const good = `title: Something is gone
reason: deleted-data
roles: [{ role: operator, does: restores }]
situation: Something is wrong.
services: [telegraf, agama]
replicas: [agama]
prepare: [{ do: backup, services: [agama], full: true }]
steady:
  it answers: { service: agama, sql: SELECT 1, equals: 1 }
inject: [{ do: statements, service: agama, text: DROP TABLE a.b }]
recovered:
  it is as it was: { service: telegraf, influxql: SELECT COUNT(n) FROM cpu, asBefore: true, within: 5s }
limit: 30m
hints: [{ text: Look there., costs: 90s }]
robot:
  - { do: restore, service: agama, at: { beforeDisaster: 2s }, from: offsite, parts: [b] }
rollBack: All goes.
`;

const parsed = (text = good) => parseScenario('gone', text, 'gone.yaml', engines, known);

/** The problems of the good one after a change. */
function problemsAfter(...changes: [from: string, to: string][]): readonly string[] {
  let text = good;
  for (const [from, to] of changes) {
    expect(text, `${from} is in the scenario`).to.include(from);
    text = text.replace(from, to);
  }
  try {
    parsed(text);
    return [];
  } catch (error) {
    return (error as FiredrillError).detail;
  }
}

describe('a scenario', () => {
  it('is read into plain data, its services in the order of the configuration', () => {
    const scenario = parsed();
    expect(scenario).to.include({ name: 'gone', reason: 'deleted-data', limitMs: 1_800_000 });
    expect(scenario.services).to.deep.equal(['agama', 'telegraf']);
    expect(scenario.hints).to.deep.equal([{ text: 'Look there.', costsMs: 90_000 }]);
    expect(scenario.steady).to.deep.equal([
      {
        ...{ name: 'it answers', service: 'agama', question: { sql: 'SELECT 1' }, asBefore: false, withinMs: 60_000 },
        expectation: { equals: 1, min: undefined, max: undefined, rows: undefined, contains: undefined },
      },
    ]);
    expect(scenario.recovered[0]).to.deep.include({ asBefore: true, withinMs: 5_000, service: 'telegraf' });
    expect(scenario.robot).to.deep.equal([
      { do: 'restore', service: 'agama', at: { beforeDisasterMs: 2_000 }, from: 'offsite', parts: ['b'] },
    ]);
  });

  it('gives the questions of an engine their own defaults, and no others', () => {
    const text = good.replace(
      /recovered:\n.*\n/,
      'recovered:\n  a: { service: grafana, http: /api/health, rows: 1 }\n',
    );
    const { recovered } = parsed(text.replace('[telegraf, agama]', '[telegraf, agama, grafana]'));
    expect(recovered[0]?.question).to.deep.equal({ http: '/api/health', org: 1 });
  });

  it('tells all problems at once, each with its line', () => {
    const told = problemsAfter(
      ['reason: deleted-data', 'reason: boredom'],
      ['limit: 30m', 'limit: soon'],
      ['rollBack', 'rolBack'],
      ['costs: 90s', 'costs: 90s, price: 1'],
    );
    expect(told.map((each) => each.split(': ').slice(0, 2).join(' '))).to.deep.equal([
      'gone.yaml:1 rollBack',
      'gone.yaml:2 reason',
      'gone.yaml:13 limit',
      'gone.yaml:14 hints.0.price',
      'gone.yaml:17 rolBack',
    ]);
    expect(told.at(-1)).to.include('did you mean rollBack?');
  });

  it('names services that are not configured, and those that are not raised', () => {
    const [unknown, ...others] = problemsAfter(['[telegraf, agama]', '[telegraf, agana]']);
    expect(unknown).to.match(/^gone.yaml:5: services\.1: agana is not allowed; .* configuration: agama, telegraf/);
    expect(others.join('\n')).to.match(/gone.yaml:6: replicas\.0: agama is not allowed; allowed: one of services/);
    expect(others).to.have.length(5);
  });

  const impossible: [what: string, changes: [string, string][], told: RegExp][] = [
    [
      'statements for an engine without a language',
      [
        ['do: statements, service: agama', 'do: statements, service: grafana'],
        ['agama]', 'agama, grafana]'],
      ],
      /inject\.0\.do: .*script, for Grafana/,
    ],
    [
      'a replica that nothing could be',
      [['replicas: [agama]', 'replicas: [telegraf]']],
      /replicas\.0: .* none follows InfluxDB/,
    ],
    [
      'a log of statements that nobody keeps',
      [['service: agama, at: { beforeDisaster: 2s }', 'service: telegraf, at: before-statement']],
      /robot\.0\.at: .* InfluxDB keeps no log/,
    ],
    [
      'a replica lost that is not there',
      [
        ['replicas: [agama]', 'replicas: []'],
        ['[{ do: statements, service: agama, text: DROP TABLE a.b }]', '[{ do: lose, service: agama, replica: true }]'],
      ],
      /inject\.0\.replica: /,
    ],
    ['a vault that no stack has', [['from: offsite', 'from: attic']], /robot\.0\.from: attic .*onsite, offsite/],
    [
      'the question of another engine',
      [['sql: SELECT 1', 'influxql: SELECT n FROM m']],
      /steady\.it answers\.influxql: .*allowed: sql/,
    ],
    [
      'two questions at once',
      [['sql: SELECT 1', 'sql: SELECT 1, http: /api/health']],
      /steady\.it answers.* one question/,
    ],
    ['no question', [['sql: SELECT 1, ', '']], /steady\.it answers.* a question: http, influxql, sql/],
    ['a question that writes', [['sql: SELECT 1', 'sql: DELETE FROM a.b']], /steady\.it answers\.sql: .*only reads/],
    [
      'a check that expects nothing',
      [['sql: SELECT 1, equals: 1', 'sql: SELECT 1']],
      /steady\.it answers.*at least one of equals/,
    ],
    [
      'asBefore beside another expectation',
      [['asBefore: true', 'asBefore: true, min: 1']],
      /recovered\.it is as it was\.asBefore: .*not beside/,
    ],
    [
      'a robot that does nothing',
      [['  - { do: restore, service: agama, at: { beforeDisaster: 2s }, from: offsite, parts: [b] }\n', '  []\n']],
      /robot: /,
    ],
  ];
  for (const [what, changes, told] of impossible) {
    it(`refuses ${what}`, () => {
      expect(problemsAfter(...changes).join('\n')).to.match(told);
    });
  }

  it('refuses a service that no stack can raise', () => {
    const unraisable = known.map(({ service, engine }) => ({ service, engine: { ...engine, machines: undefined } }));
    const parse = () => parseScenario('gone', good, 'gone.yaml', engines, unraisable);
    expect(parse)
      .to.throw()
      .with.property('detail')
      .that.match(/gone.yaml:5: services\.0: .*InfluxDB cannot be raised/);
  });

  it('refuses a recovery or a steady state without a check', () => {
    for (const part of ['steady', 'recovered']) {
      const text = good.replace(new RegExp(`${part}:\n.*\n`), `${part}: {}\n`);
      expect(() => parsed(text), part)
        .to.throw()
        .with.property('detail')
        .that.match(/at least one check/);
    }
  });
});

describe('the scenarios that come with firedrill', () => {
  const names = readdirSync(ownScenarios).map((each) => each.replace('.yaml', ''));
  const read = (name: string) => {
    const text = readFileSync(join(ownScenarios, `${name}.yaml`), 'utf8');
    return { text, scenario: parseScenario(name, text, `${name}.yaml`, engines, known) };
  };

  it('are seven, with each of the five reasons', () => {
    expect(names).to.have.length(7);
    const reasons = new Set(names.map((name) => read(name).scenario.reason));
    expect([...reasons]).to.have.members([...restoreReasons]);
  });

  for (const name of names) {
    it(`${name} can be rehearsed by the demo's company`, () => {
      const { scenario, text } = read(name);
      expect(scenario.robot.some(({ do: what }: RobotStep) => what === 'restore')).to.equal(true);
      expect(
        scenario.recovered.some(({ asBefore }) => asBefore),
        'something must be as it was',
      ).to.equal(true);
      expect(scenario.hints).to.have.length.above(1);
      expect(scenario.prepare.some((step) => step.do === 'backup' && step.full)).to.equal(true);
      expect(text).to.match(/^# yaml-language-server: \$schema=\.\.\/docs\/scenario\.schema\.json\n/);
    });

    it(`${name} does not tell in its situation what was injected`, () => {
      const { situation, inject } = read(name).scenario;
      const injected = inject.map((each) => ('text' in each ? each.text : '')).join(' ');
      for (const word of injected.match(/DROP|TRUNCATE|UPDATE|DELETE|kill|attachments|migrated/gi) ?? []) {
        expect(situation.toLowerCase()).to.not.include(word.toLowerCase());
      }
    });
  }

  it('docs/scenario.schema.json is what the code says (npm run schema)', () => {
    const written = readFileSync(new URL('../../../docs/scenario.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(written)).to.deep.equal(scenarioJsonSchema(engines));
  });
});

describe('the folder of scenarios', () => {
  async function place(files: Record<string, string>) {
    const scratch = await scratchFolder();
    const scenariosFolder = join(scratch.path, 'drills');
    await mkdir(scenariosFolder);
    for (const [name, text] of Object.entries(files)) await writeFile(join(scenariosFolder, name), text);
    const applications: Parameters<typeof loadScenario>[1]['applications'] = [];
    // Of a configured service only its name and its engine are looked at.
    const services = company as unknown as Parameters<typeof loadScenario>[1]['services'];
    return {
      at: { scenariosFolder, services, applications },
      [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
    };
  }

  it('need not be there', async () => {
    await using given = await place({});
    const listed = await listScenarios({ ...given.at, scenariosFolder: '/nowhere' }, engines);
    expect(listed.map((each) => each.name)).to.include.members(['deleted-data', 'hardware']);
    expect(listed.every(({ own, error }) => own && error === undefined)).to.equal(true);
  });

  it('holds scenarios of the company, before those that come with firedrill', async () => {
    await using given = await place({ 'gone.yaml': good, 'hardware.yaml': good, 'notes.txt': 'no scenario' });
    const listed = await listScenarios(given.at, engines);
    const own = listed.filter((each) => !each.own).map(({ name, scenario }) => [name, scenario?.title]);
    expect(own).to.deep.equal([
      ['gone', 'Something is gone'],
      ['hardware', 'Something is gone'],
    ]);
    expect((await loadScenario('hardware', given.at, engines)).title).to.equal('Something is gone');
  });

  it('lists one that is not good with its problems, beside those that are', async () => {
    await using given = await place({ 'bad.yaml': 'title: [', 'gone.yaml': good });
    const listed = await listScenarios(given.at, engines);
    const of = (name: string) => listed.find((each) => each.name === name);
    expect(of('gone')?.error).to.equal(undefined);
    expect(of('bad')?.scenario).to.equal(undefined);
    expect(of('bad')?.error?.detail[0]).to.match(/^drills\/bad\.yaml:1:/);
    const error = await rejectionOf(loadScenario('bad', given.at, engines));
    expect([error.code, error.hint]).to.deep.equal([
      'CONFIG_INVALID',
      `Mend ${of('bad')?.file}, then run: firedrill gameday`,
    ]);
  });

  it('says what one of firedrill’s own misses in another company', async () => {
    await using given = await place({});
    const services = given.at.services.filter((each) => each.service !== 'agama');
    const error = await rejectionOf(loadScenario('hardware', { ...given.at, services }, engines));
    expect(error.detail[0]).to.include('agama is not allowed; allowed: a service of the configuration');
    expect(error.hint).to.include('is for the company of the demo');
  });

  it('has the applications that find all their services in the stack, and come to them by TCP', async () => {
    await using given = await place({});
    const env = { one: 'agama.host', two: 'agama.socket', three: 'telegraf.host', four: 'grafana.port' };
    const applications = Object.entries(env).map(([application, at]) => ({ application, env: { AT: `\${${at}}` } }));
    const at = { ...given.at, applications: applications as unknown as typeof given.at.applications };
    expect((await loadScenario('deleted-data', at, engines)).applications).to.deep.equal(['one']);
    expect((await loadScenario('new-colleague', at, engines)).applications).to.deep.equal(['three']);
    expect((await loadScenario('manager-request', at, engines)).applications).to.deep.equal([]);
  });

  it('proposes the name that was meant', async () => {
    await using given = await place({});
    const error = await rejectionOf(loadScenario('hardwara', given.at, engines));
    expect([error.code, error.message]).to.deep.equal([
      'USAGE',
      'there is no scenario hardwara; did you mean hardware?',
    ]);
  });
});
