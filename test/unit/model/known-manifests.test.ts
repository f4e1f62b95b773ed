import { expect } from 'chai';
import fc from 'fast-check';
import { KnownManifests, type ManifestRecord } from '../../../src/model/known-manifests.ts';

const ref = { set: 'backup-2026-11-22', service: 'agama', id: 'full-20261122T013000Z' };
const at = '2026-11-22T01:30:00.000Z';
const record: ManifestRecord = {
  ...{ manifestSha256: 'a'.repeat(64), kind: 'full', parentId: null },
  ...{ startedAt: at, dataAt: at, finishedAt: at },
};
const judge = { engine: 'mysql', dependence: 'previous' };
const believed = 'of this program and its keys';

function sample() {
  const known = new KnownManifests();
  known.learn(ref, record);
  known.learnChain(ref, judge, ['a', 'b'], ['a gap']);
  return known;
}

describe('KnownManifests', () => {
  it('comes back from its text as it was', () => {
    const read = KnownManifests.fromText(sample().toText(believed), believed);
    expect(read.recordAt(ref, record.manifestSha256)).to.deep.equal(record);
    expect(read.problemsOf(ref, judge, ['a', 'b'])).to.deep.equal(['a gap']);
    expect(read.changed).to.equal(false);
  });

  it('knows a manifest by its bytes and its place', () => {
    const known = sample();
    expect(known.recordAt(ref, 'b'.repeat(64))).to.equal(undefined);
    expect(known.recordAt({ ...ref, service: 'grafana' }, record.manifestSha256)).to.equal(undefined);
  });

  it('knows a chain by all its manifests, their order, and who judged', () => {
    const known = sample();
    for (const manifests of [['a'], ['a', 'b', 'c'], ['b', 'a'], ['a', 'x'], ['a,b']]) {
      expect(known.problemsOf(ref, judge, manifests), manifests.join()).to.equal(undefined);
    }
    expect(known.problemsOf(ref, { ...judge, engine: 'grafana' }, ['a', 'b'])).to.equal(undefined);
    expect(known.problemsOf(ref, { ...judge, dependence: 'full' }, ['a', 'b'])).to.equal(undefined);
  });

  it('forgets what does not lie in the vault any more', () => {
    const known = KnownManifests.fromText(sample().toText(believed), believed);
    known.keepOnly([ref]);
    expect(known.changed).to.equal(false);
    known.keepOnly([]);
    expect(known.changed).to.equal(true);
    expect(known.recordAt(ref, record.manifestSha256)).to.equal(undefined);
    expect(known.problemsOf(ref, judge, ['a', 'b'])).to.equal(undefined);
  });

  it('knows nothing of what was made under other keys, or is damaged anywhere', () => {
    const text = sample().toText(believed);
    const knows = (other: string, by = believed) =>
      KnownManifests.fromText(other, by).recordAt(ref, record.manifestSha256) !== undefined;
    expect(knows(text)).to.equal(true);
    expect(knows(text, 'of other keys')).to.equal(false);
    fc.assert(
      fc.property(fc.nat(text.trimEnd().length - 1), fc.integer({ min: 1, max: 127 }), (place, bits) => {
        const changed = String.fromCharCode(text.charCodeAt(place) ^ bits);
        return !knows(text.slice(0, place) + changed + text.slice(place + 1));
      }),
    );
    fc.assert(fc.property(fc.nat(text.trimEnd().length - 1), (length) => !knows(text.slice(0, length))));
    fc.assert(fc.property(fc.string(), (junk) => !knows(junk)));
  });
});
