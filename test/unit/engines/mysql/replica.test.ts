import { expect } from 'chai';
import { followingOf } from '../../../../src/engines/mysql/replica.ts';
import type { Json } from '../../../../src/kit/json.ts';
import { link } from '../../../support/link.ts';

const of = (identity: Record<string, Json>) =>
  followingOf(link(0, null, { source: { host: 'local', identity, engineVersion: '9.7.0' } }).manifest);
const state = { source: 'db1', receives: 'Yes', applies: 'Yes', lagSeconds: 3 };

describe('a replica as its manifest tells it', () => {
  it('is none where the server followed nobody', () => {
    expect(of({ replica: null })).to.equal(null);
    expect(of({})).to.equal(null);
  });

  it('follows, and says how far behind', () => {
    expect(of({ replica: state })).to.deep.equal({ stands: null, lagMs: 3_000 });
    expect(of({ replica: { ...state, lagSeconds: null } })).to.deep.equal({ stands: null, lagMs: null });
  });

  it('stands still when either thread does: with the receiver down it says that it is not behind', () => {
    for (const change of [{ receives: 'No' }, { receives: 'Connecting' }, { applies: 'No' }, { applies: null }]) {
      expect(of({ replica: { ...state, lagSeconds: 0, ...change } })?.stands).to.match(/^its receiver says /);
    }
  });

  it('is not believed where the manifest makes no sense', () => {
    for (const replica of [true, 'Yes', {}, { receives: 1, applies: 1, lagSeconds: 'x' }]) {
      expect(of({ replica })?.stands).to.equal('what the manifest says of it makes no sense');
    }
  });
});
