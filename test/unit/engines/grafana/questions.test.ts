import { expect } from 'chai';
import { z } from 'zod';
import { grafanaQuestions } from '../../../../src/engines/grafana/questions.ts';

const question = z.strictObject(grafanaQuestions.keys);
const isTaken = (given: unknown) => question.safeParse(given).success;

describe('a question of an own check of Grafana', () => {
  for (const http of [
    '/api/health',
    '/api/search?query=a%20b&limit=5',
    '/api/dashboards/uid/nginx',
    '/api/org/users',
  ]) {
    it(`is taken: ${http}`, () => expect(isTaken({ http })).to.equal(true));
  }

  const refused = [
    ...['/', '/api/', '/login', '/logout', 'api/health', '//evil/api/health', 'http://evil/api/health', '/api/a b'],
    ...[
      '/api/../logout',
      '/api/%2e%2e/logout',
      '/api/x/..%2f..%2flogout',
      '/api\\..\\logout',
      '/api/health#x',
      '/api/é',
    ],
    ...['/api/datasources/proxy/1/query?q=DROP', '/api/datasources/PROXY/1/x', '/api/datasources/%70roxy/1/query'],
    ...['/api/snapshots-delete/key', '/api/x%250', '/api/datasources/uid/x/../../proxy/1/query'],
  ];
  for (const http of refused) it(`is refused: ${http}`, () => expect(isTaken({ http })).to.equal(false));

  it('points into an answer by JSON pointers only, and asks an organisation that there can be', () => {
    const pointers = ['', '/', '/0/title', '/a~1b/c~0d', '/a~2', 'title', '/~'];
    expect(pointers.map((at) => isTaken({ http: '/api/org', at }))).to.deep.equal([
      ...[true, true, true, true, false, false, false],
    ]);
    expect([1, 2, 0, -1, 1.5, '1'].map((org) => isTaken({ http: '/api/org', org }))).to.deep.equal([
      ...[true, true, false, false, false, false],
    ]);
  });
});
