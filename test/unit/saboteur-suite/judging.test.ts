import { expect } from 'chai';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { complaintsOf, refusalOf } from '../../saboteurs/run-saboteur.ts';
import type { Expectation, Seen } from '../../saboteurs/saboteur.ts';
import { failed, passed, unclear } from '../../support/results.ts';

const expected: Expectation = { verdict: 'fail', check: 'rows', service: 'agama', sentence: /^agama: 2 rows, not 3$/ };
const seen = (change: Partial<Extract<Seen, { results: unknown }>> = {}): Seen => ({
  verdict: 'fail',
  results: [failed('rows', 'agama', 'agama: 2 rows, not 3'), passed('content')],
  report: 'FAILED rows: agama: 2 rows, not 3',
  ...change,
});

describe('a saboteur', () => {
  it('is killed when verdict, check, service and sentence are as expected, and the report says it', () => {
    expect(complaintsOf(expected, seen())).to.deep.equal([]);
  });

  const survivals: [string, Seen, RegExp][] = [
    ['the drill passes', seen({ verdict: 'pass', results: [passed('rows')] }), /the verdict is pass, not fail/],
    ['another check notices', seen({ results: [failed('content')] }), /rows of agama did not say fail/],
    [
      'the check cannot look',
      seen({ verdict: 'inconclusive', results: [unclear('rows')] }),
      /the verdict is inconclusive, not fail/,
    ],
    [
      'another service is blamed',
      seen({ results: [failed('rows', 'agama', 'agama: 2 rows, not 3'), failed('rows', 'grafana')] }),
      /a service that is well was blamed: fail rows of grafana/,
    ],
    ['something else is said', seen({ results: [failed('rows')] }), /rows said nothing that matches/],
    ['the report is silent', seen({ report: 'FAILED' }), /the report does not say: agama: 2 rows, not 3/],
    ['it was refused instead', { verdict: 'refused', code: 'LOCKED', report: 'locked' }, /the verdict is refused/],
  ];
  for (const [what, given, why] of survivals) {
    it(`survives when ${what}`, () => {
      expect(complaintsOf(expected, given).join('\n')).to.match(why);
    });
  }

  it('that must be refused is killed by the right code and sentence only', async () => {
    const refusal: Expectation = { verdict: 'refused', code: 'VAULT_SHRUNK', service: 'agama', sentence: /^70 %/ };
    const refused = (code: 'VAULT_SHRUNK' | 'LOCKED', message: string) =>
      refusalOf(() => Promise.reject(new FiredrillError(code, message)));
    expect(complaintsOf(refusal, await refused('VAULT_SHRUNK', '70 % are gone'))).to.deep.equal([]);
    expect(complaintsOf(refusal, await refused('LOCKED', '70 % are gone')).join()).to.match(/as LOCKED/);
    expect(complaintsOf(refusal, await refused('VAULT_SHRUNK', 'x')).join()).to.match(/does not match/);
    expect(complaintsOf(refusal, await refusalOf(async () => {})).join()).to.match(/is pass, not refused/);
  });

  it('that does harm unless it is prevented is killed when it was, in so many words', () => {
    const prevention: Expectation = { verdict: 'prevented', by: 'the expiry', service: 'agama', sentence: /kept/ };
    expect(complaintsOf(prevention, { verdict: 'prevented', report: 'it was kept' })).to.deep.equal([]);
    expect(complaintsOf(prevention, { verdict: 'prevented', report: '' })[0]).to.match(/does not match/);
    const harm = complaintsOf(prevention, { verdict: 'harm', report: 'kept' });
    expect(harm).to.deep.equal(['the verdict is harm, not prevented']);
  });
});
