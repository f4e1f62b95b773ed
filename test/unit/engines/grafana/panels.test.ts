import { expect } from 'chai';
import { GrafanaDatabase } from '../../../../src/engines/grafana/database/grafana-database.ts';
import type { JsonObject } from '../../../../src/engines/grafana/database/json-content.ts';
import { type DataSource, DataSources } from '../../../../src/engines/grafana/panels/data-sources.ts';
import { influxqlOf } from '../../../../src/engines/grafana/panels/influxql-target.ts';
import { readPanels } from '../../../../src/engines/grafana/panels/read-panels.ts';
import { rangeOf } from '../../../../src/engines/grafana/panels/time-range.ts';
import { interpolate, variablesOf } from '../../../../src/engines/grafana/panels/variables.ts';
import { sampleFile } from '../../../support/grafana-source.ts';

const braced = (name: string) => `$${'{'}${name}}`;
const until = new Date('2026-11-24T12:34:56.000Z');

describe('a target of a panel in InfluxQL', () => {
  const part = (type: string, ...params: unknown[]) => ({ type, params });
  const cpu = {
    measurement: 'cpu',
    select: [[part('field', 'usage idle'), part('mean'), part('math', '/ 100'), part('alias', 'idle "now"')]],
    groupBy: [part('time', '$__interval'), part('tag', 'host'), part('fill', 'null')],
  };
  const cases: [string, JsonObject, string | undefined][] = [
    ['as it was typed', { rawQuery: true, query: ' SELECT 1 FROM "x" ', measurement: 'cpu' }, 'SELECT 1 FROM "x"'],
    ['typed, and empty', { rawQuery: true, query: '' }, undefined],
    ['without anything', { refId: 'A' }, undefined],
    [
      'made from parts',
      cpu,
      'SELECT mean("usage idle") / 100 AS "idle \\"now\\"" FROM "cpu" WHERE $timeFilter GROUP BY time($__interval), "host" fill(null)',
    ],
    [
      'with a policy, conditions, an order and limits',
      {
        ...cpu,
        policy: 'half_year',
        select: [[part('field', '*'), part('percentile', 95)]],
        tags: [
          { key: 'host', operator: '=~', value: '/^$host$/' },
          { key: 'it', condition: 'OR', operator: '=', value: "x'y" },
          { key: 'n', condition: 'AND', operator: '>', value: '5' },
        ],
        groupBy: [part('time', 'auto'), part('tag', 'host::tag')],
        orderByTime: 'DESC',
        limit: '3',
        slimit: 2,
        tz: 'Europe/Tallinn',
      },
      'SELECT percentile(*, 95) FROM "half_year"."cpu" WHERE ("host" =~ /^$host$/ OR "it" = \'x\\\'y\' AND "n" > 5) AND $timeFilter ' +
        'GROUP BY time($__interval), "host"::tag ORDER BY time DESC LIMIT 3 SLIMIT 2 tz(\'Europe/Tallinn\')',
    ],
    [
      'of all measurements of a pattern',
      {
        ...cpu,
        measurement: '/^c.u$/',
        policy: 'default',
        select: [[part('field', 'x'), part('count'), part('derivative', '10s')]],
        groupBy: [],
      },
      'SELECT derivative(count("x"), 10s) FROM /^c.u$/ WHERE $timeFilter',
    ],
  ];
  for (const [what, target, query] of cases) {
    it(what, () => {
      expect(influxqlOf(target)).to.equal(query);
    });
  }
});

describe('the variables of a dashboard', () => {
  const list = [
    { name: 'host', type: 'query', multi: true, includeAll: true, current: { value: ['$__all'] } },
    { name: 'some', type: 'query', multi: true, current: { value: ['web1.x', 'db/1'] } },
    { name: 'one', type: 'custom', current: { value: 'a.b' }, query: 'a.b,c' },
    { name: 'fresh', type: 'custom', current: {}, query: 'first, second' },
    { name: 'asked', type: 'query', query: 'SHOW TAG VALUES WITH KEY = host' },
    { name: 'own', type: 'query', includeAll: true, allValue: '[a-z]+', current: { value: '$__all' } },
    { name: 'step', type: 'interval', current: { value: '$__auto_interval_step' } },
    { name: 'fixed', type: 'constant', query: 'eight weeks' },
  ];
  const variables = variablesOf({ templating: { list } });
  const put = (text: string) => interpolate(text, variables, { __interval: '30s', timeFilter: 'time > 0' });
  const cases: [string, string][] = [
    ['/^$host$/', '/^.*$/'],
    ['/^[[host]]$/', '/^.*$/'],
    [`/^${braced('some')}$/`, '/^(web1\\.x|db\\/1)$/'],
    [
      ['csv', 'pipe', 'singlequote'].map((format) => braced(`some:${format}`)).join(' '),
      "web1.x,db/1 web1.x|db/1 'web1.x','db/1'",
    ],
    ["'$one'", "'a.b'"],
    ['$fresh', 'first'],
    ['$asked', '.*'],
    ['$own', '[a-z]+'],
    ['time($step) [[step]]', 'time(30s) 30s'],
    ['"$fixed"', '"eight weeks"'],
    ['$timeFilter $unknown constructor $constructor', 'time > 0 $unknown constructor $constructor'],
  ];
  for (const [text, expected] of cases) {
    it(`in ${text}`, () => {
      expect(put(text)).to.equal(expected);
    });
  }
});

describe('the time range of a panel', () => {
  const iso = (dashboard: JsonObject, panel: JsonObject = {}) => {
    const { fromMs, toMs } = rangeOf(dashboard, panel, until);
    return [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  };
  const cases: [string, JsonObject, JsonObject, string, string][] = [
    ['six hours by default', {}, {}, '2026-11-24T06:34:56.000Z', '2026-11-24T12:34:56.000Z'],
    [
      'up to the backup, never to now',
      { time: { from: 'now-1h', to: 'now' } },
      {},
      '2026-11-24T11:34:56.000Z',
      '2026-11-24T12:34:56.000Z',
    ],
    [
      'rounded to a day',
      { time: { from: 'now-1d/d', to: 'now/d' } },
      {},
      '2026-11-23T00:00:00.000Z',
      '2026-11-24T00:00:00.000Z',
    ],
    [
      'rounded to a week',
      { time: { from: 'now/w', to: 'now' } },
      {},
      '2026-11-22T00:00:00.000Z',
      '2026-11-24T12:34:56.000Z',
    ],
    [
      'fixed instants, not beyond the backup',
      { time: { from: '2026-11-24T00:00:00Z', to: '2026-12-24T00:00:00Z' } },
      {},
      '2026-11-24T00:00:00.000Z',
      '2026-11-24T12:34:56.000Z',
    ],
    [
      'what the panel says of itself',
      { time: { from: 'now-1h', to: 'now' } },
      { timeFrom: '2d', timeShift: '1h' },
      '2026-11-22T11:34:56.000Z',
      '2026-11-24T11:34:56.000Z',
    ],
    [
      'a range after the backup: the last six hours',
      { time: { from: '2027-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z' } },
      {},
      '2026-11-24T06:34:56.000Z',
      '2026-11-24T12:34:56.000Z',
    ],
  ];
  for (const [what, dashboard, panel, from, to] of cases) {
    it(what, () => {
      expect(iso(dashboard, panel)).to.deep.equal([from, to]);
    });
  }
});

describe('the data source of a panel', () => {
  const named = (name: string, more: Partial<DataSource> = {}): DataSource => ({
    ...{ id: 1, uid: `uid-${name}`, name, type: 'influxdb', database: name, influxql: true },
    ...{ isDefault: false, minInterval: '' },
    ...more,
  });
  const sources = new DataSources([named('telegraf'), named('latency', { isDefault: true })]);
  const variables = variablesOf({
    templating: {
      list: [
        { name: 'ds', type: 'datasource', current: { value: 'telegraf' } },
        { name: 'gone', type: 'datasource', current: { value: 'nowhere' } },
        { name: 'open', type: 'datasource', current: {} },
      ],
    },
  });
  const cases: [unknown, string][] = [
    ['telegraf', 'telegraf'],
    [{ type: 'influxdb', uid: 'uid-telegraf' }, 'telegraf'],
    [null, 'latency'],
    [undefined, 'latency'],
    [{ type: 'influxdb' }, 'latency'],
    ['$ds', 'telegraf'],
    [{ uid: braced('ds') }, 'telegraf'],
    ['[[ds]]', 'telegraf'],
    ['$open', 'latency'],
    ['$gone', 'missing nowhere'],
    ['$unknown', 'missing $unknown'],
    ['other', 'missing other'],
    ['-- Mixed --', 'mixed'],
    ['-- Grafana --', 'built-in'],
    [{ type: '__expr__', uid: '__expr__' }, 'built-in'],
  ];
  for (const [reference, expected] of cases) {
    it(`${JSON.stringify(reference)} is ${expected}`, () => {
      const found = sources.resolve(reference, variables);
      const said =
        found.kind === 'source' ? found.source.name : found.kind === 'missing' ? `missing ${found.name}` : found.kind;
      expect(said).to.equal(expected);
    });
  }
});

describe('the panels of a sample database', () => {
  using db = new GrafanaDatabase(sampleFile('7.5.5'), 'ARTIFACT_FORMAT');
  const panels = [...readPanels(db)];

  it('are all that ask something, each with an id of its own', () => {
    expect(new Set(panels.map(({ id }) => id)).size)
      .to.equal(panels.length)
      .and.equal(49);
    const kinds = Map.groupBy(panels, ({ questions }) => questions[0]?.kind);
    expect([...kinds].map(([kind, all]) => [kind, all.length])).to.have.deep.members([
      ['other', 22],
      ['influxql', 27],
    ]);
  });

  it('have statements that a server can run', () => {
    const question = panels.find(({ id }) => id === '1/telegraf-system/9')?.questions[0];
    if (question?.kind !== 'influxql') throw new Error('it should ask in InfluxQL');
    expect(question.source.database).to.equal('telegraf');
    expect(question.statement(until)).to.equal(
      'SELECT mean("usage_idle") FROM "cpu" WHERE ("host" =~ /^.*$/) AND time >= 1795502096000ms and time <= 1795523696000ms GROUP BY time(44s), "host" fill(null)',
    );
  });
});
