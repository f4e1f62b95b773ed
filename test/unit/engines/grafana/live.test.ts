import { expect } from 'chai';
import type { Answerer } from '../../../../src/engines/engine.ts';
import { checkLive, type Promised } from '../../../../src/engines/grafana/checks/live.ts';
import { dangling } from '../../../../src/engines/grafana/database/semantics.ts';
import type { Panel, Question } from '../../../../src/engines/grafana/panels/read-panels.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';

const dataAt = '2026-11-24T01:30:00.000Z';

const answerer = (database: string, withData: readonly string[]): Answerer => ({
  ...{ service: database, language: 'influxql', database, dataAt },
  findsData: async (statement) => {
    if (statement === 'bad') throw new FiredrillError('TOOL_FAILED', 'error parsing query');
    return withData.includes(statement);
  },
});

const asks = (statement: string, database = 'telegraf'): Question => {
  const source = {
    id: 1,
    uid: 'u',
    name: 'n',
    type: 'influxdb',
    database,
    influxql: true,
    isDefault: true,
    minInterval: '',
  };
  return {
    kind: 'influxql',
    source,
    statement: (until) => (until.toISOString() === dataAt ? statement : 'wrong time'),
  };
};

const panel = (id: string, ...questions: Question[]): Panel => ({
  ...{
    id: `1/home/${id}`,
    organisation: 1,
    dashboard: 'dashboard home of organisation 1',
    title: `Panel ${id}`,
    questions,
  },
});

const look = (
  panels: Panel[],
  promised?: Promised,
  problems: string[] = [],
  answerers = [answerer('telegraf', ['cpu'])],
) => {
  const semantics = { dashboards: 1, panels: panels.length, problems };
  return checkLive('grafana', { semantics }, panels, answerers, promised, new AbortController().signal);
};

describe('the panels of restored dashboards', () => {
  it('pass when those that were promised have data, at the instant of the data', async () => {
    const panels = [panel('1', asks('cpu')), panel('2', asks('mem')), panel('3', asks('mem'), asks('cpu'))];
    const { result, panelsWithData } = await look(panels, { withData: ['1/home/1', '1/home/3'], by: 'manifest' });
    expect(result).to.deep.include({ outcome: 'pass', expected: 4, lookedAt: 4, findings: [] });
    expect(panelsWithData).to.deep.equal(['1/home/1', '1/home/3']);
    expect(result.comparisons).to.deep.equal([
      { what: 'panels with data, of 3 that ask a restored database', expected: '2', found: '2' },
    ]);
  });

  it('fail when one that the manifest promises has none', async () => {
    const { result } = await look([panel('2', asks('mem'))], { withData: ['1/home/2'], by: 'manifest' });
    expect(result.outcome).to.equal('fail');
    expect(result.findings[0]).to.include({
      sentence:
        'grafana: panel Panel 2 of dashboard home of organisation 1 had data when it was backed up, and has none now',
      found: 'no data',
    });
  });

  it('fail when one that the manifest promises is gone', async () => {
    const { result } = await look([panel('1', asks('cpu'))], { withData: ['1/home/9'], by: 'manifest' });
    expect(result.findings[0]?.sentence).to.match(/panel 1\/home\/9 had data when it was backed up/);
  });

  it('warn when it was the last drill that had seen data: the source may have changed', async () => {
    const { result } = await look([panel('2', asks('mem'))], { withData: ['1/home/2'], by: 'last drill' });
    expect(result.outcome).to.equal('pass');
    expect(result.findings[0]).to.include({ severity: 'warning', found: 'no data' });
  });

  it('warn of a query that cannot be run, and fail when it was promised', async () => {
    const panels = [panel('1', asks('bad'))];
    const unpromised = (await look(panels)).result;
    expect(unpromised).to.include({ outcome: 'pass' });
    expect(unpromised.findings).to.deep.equal([
      {
        sentence: 'grafana: the query of panel Panel 1 of dashboard home of organisation 1 cannot be run',
        expected: 'an answer',
        found: 'error parsing query',
        severity: 'warning',
      },
    ]);
    const promised = (await look(panels, { withData: ['1/home/1'], by: 'manifest' })).result;
    expect(promised.outcome).to.equal('fail');
    expect(promised.findings).to.have.length(1);
  });

  it('fail when a data source is missing, unless the source had it wrong already', async () => {
    const panels = [panel('1', { kind: 'dangling', name: 'gone' }), panel('2', { kind: 'dangling', name: 'gone' })];
    const spoiled = (await look(panels)).result;
    expect(spoiled.findings.map(({ sentence }) => sentence)).to.deep.equal([
      'grafana: dashboard home of organisation 1 uses the data source gone, which does not exist',
    ]);
    const always = (await look(panels, undefined, [dangling('dashboard home of organisation 1', 'gone')])).result;
    expect(always.outcome).to.equal('pass');
    expect(always.findings[0]?.severity).to.equal('warning');
  });

  it('say what was not looked at', async () => {
    const panels = [
      panel('1', { kind: 'other', type: 'prometheus' }),
      panel('2', { kind: 'other', type: 'prometheus' }),
      panel('3', asks('x', 'syslog')),
      panel('4', asks('cpu')),
    ];
    const { result, notes } = await look(panels, { withData: ['1/home/3'], by: 'manifest' });
    expect(result.outcome).to.equal('pass');
    expect(result.comparisons[0]?.what).to.match(/of 1 that ask/);
    expect(notes).to.deep.equal([
      'grafana: 2 panels were not looked at: prometheus is not asked by this version',
      'grafana: 1 panel was not looked at: no one restored service holds the database syslog',
    ]);
  });

  it('do not guess between two databases of one name', async () => {
    const two = [answerer('telegraf', ['cpu']), answerer('telegraf', [])];
    const { panelsWithData, notes } = await look([panel('1', asks('cpu'))], undefined, [], two);
    expect(panelsWithData).to.deep.equal([]);
    expect(notes).to.have.length(1);
  });
});
