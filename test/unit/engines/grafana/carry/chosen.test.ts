import { expect } from 'chai';
import { organisationHolding } from '../../../../../src/engines/grafana/carry/chosen.ts';
import type { GrafanaFacts } from '../../../../../src/engines/grafana/facts.ts';
import { isOlder } from '../../../../../src/engines/grafana/version.ts';
import { FiredrillError } from '../../../../../src/kit/errors.ts';

const organisation = (id: number, name: string, uids: string[]) => ({
  ...{ id, name },
  items: { dashboards: uids.map((key) => ({ key, sha256: '' })) },
});

const facts = {
  organisations: [organisation(1, 'Main Org.', ['nginx', 'node']), organisation(2, 'Lab', ['bench'])],
} as unknown as GrafanaFacts;

function refusal(live: { id: number; name: string }, ...uids: string[]): FiredrillError {
  try {
    organisationHolding(facts, live, uids);
  } catch (error) {
    if (error instanceof FiredrillError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('organisationHolding', () => {
  it('finds the organisation by its name, and by its number where it was renamed', () => {
    expect(organisationHolding(facts, { id: 1, name: 'Main Org.' }, ['node', 'nginx'])).to.include({ id: 1 });
    expect(organisationHolding(facts, { id: 5, name: 'Lab' }, ['bench'])).to.include({ id: 2 });
    expect(organisationHolding(facts, { id: 2, name: 'Laboratory' }, ['bench'])).to.include({ id: 2 });
  });

  it('refuses a uid that is not there, and says which was meant', () => {
    const error = refusal({ id: 1, name: 'Main Org.' }, 'node', 'ngnix');
    expect(error).to.include({ code: 'USAGE' });
    expect(error.message).to.equal('there is no dashboard ngnix at that point of the backup; did you mean nginx?');
    expect(error.hint).to.match(/\/d\/<uid>\/…\): nginx, node$/);
    expect(refusal({ id: 1, name: 'Main Org.' }, 'no-such-thing').message).to.match(/at that point of the backup$/);
  });

  it('brings nothing of one organisation into another', () => {
    const error = refusal({ id: 1, name: 'Main Org.' }, 'bench');
    expect(error.message).to.equal('dashboard bench is of organisation Lab (2), and the token of Main Org. (1)');
    const stranger = refusal({ id: 9, name: 'Elsewhere' }, 'bench');
    expect(stranger.message).to.equal('the backup holds no organisation Elsewhere (9), to which the token belongs');
    expect(stranger.hint).to.contain('Main Org. (1), Lab (2)');
  });
});

describe('isOlder', () => {
  for (const [found, recorded, is] of [
    ['7.5.5', '7.5.17', false],
    ['7.5.5-stand-in', '7.5.5', false],
    ['7.4.9', '7.5.0', true],
    ['6.9.0', '7.0.0', true],
    ['10.0.1', '9.5.2', false],
    ['9.5.2', '10.0.1', true],
  ] as const) {
    it(`${found} is ${is ? '' : 'not '}older than ${recorded}`, () => expect(isOlder(found, recorded)).to.equal(is));
  }
});
