import { expect } from 'chai';
import fc from 'fast-check';
import { memberIdOf, setNameOf } from '../../../src/model/backup-set.ts';
import type { ServiceProof } from '../../../src/model/proof.ts';
import { dayMs, type KeptMember, type MemberFacts, planExpiry } from '../../../src/model/retention.ts';

const now = new Date('2026-11-24T03:00:00.000Z');
const hourMs = 3_600_000;

/** A member of agama whose data is from `agoMs` before now; an increment when it is built on one. */
function member(agoMs: number, parent: KeptMember | null = null, change: Partial<MemberFacts> = {}): KeptMember {
  const at = new Date(now.getTime() - agoMs);
  const id = memberIdOf(parent ? 'incremental' : 'full', at);
  const set = parent?.set ?? setNameOf(at, 'UTC');
  const instants = { startedAt: at.toISOString(), dataAt: at.toISOString(), finishedAt: at.toISOString() };
  const facts = { manifestSha256: `sha of ${id}`, ...instants, parentId: parent?.id ?? null, ...change };
  return { set, service: 'agama', id, files: [{ name: 'manifest.json' }], bytes: 1000, facts };
}

/** A full and hourly increments, of which the newest is `agoMs` old. */
function chain(agoMs: number, increments = 2): KeptMember[] {
  const members = [member(agoMs + increments * hourMs)];
  for (let i = increments - 1; i >= 0; i -= 1) members.push(member(agoMs + i * hourMs, members.at(-1)));
  return members;
}

function proofOf(members: readonly KeptMember[], outcome: 'pass' | 'fail' | 'inconclusive' = 'pass'): ServiceProof {
  const proven = members.map(({ set, service, id }) => ({ set, service, id, manifestSha256: `sha of ${id}` }));
  const about = { vault: 'onsite', startedAt: now.toISOString(), service: 'agama', ofNewestPoint: true };
  return { proven, newest: { ...about, drill: '20261124T021500Z-nightly', outcome, members: proven } };
}

const plan = (chains: readonly KeptMember[][], proof: ServiceProof, retentionDays = 56) =>
  planExpiry({ service: 'agama', retentionDays, now, members: chains.flat(), proof });
const fates = (...question: Parameters<typeof plan>) => plan(...question).chains.map(({ fate }) => fate);

const young = chain(dayMs);
const old = chain(90 * dayMs);

describe('planExpiry', () => {
  for (const days of [28, 56]) {
    it(`keeps what is exactly ${days} days old, and removes what is a millisecond older`, () => {
      const at = (agoMs: number) => fates([chain(agoMs), young], proofOf(young), days);
      expect(at(days * dayMs)).to.deep.equal(['keep', 'keep']);
      expect(at(days * dayMs + 1)).to.deep.equal(['expire', 'keep']);
      expect(at(days * dayMs - 1)).to.deep.equal(['keep', 'keep']);
    });
  }

  it('judges a chain by its newest member, and whole', () => {
    const across = chain(56 * dayMs, 20);
    expect(fates([across, young], proofOf(young))).to.deep.equal(['keep', 'keep']);
    const { chains } = plan([old, young], proofOf(young));
    expect(chains[0]).to.include({ fate: 'expire', because: 'its newest data is 90.0 days old' });
    expect(chains[0]?.members).to.deep.equal(old);
  });

  it('judges by the instants of the manifests, whatever the names say', () => {
    const renewed = member(90 * dayMs, null, { dataAt: new Date(now.getTime() - dayMs).toISOString() });
    expect(fates([[renewed], young], proofOf(young))).to.deep.equal(['keep', 'keep']);
  });

  it('never removes the last chain that a drill has restored, whatever its age', () => {
    const older = chain(120 * dayMs);
    const unproven = chain(70 * dayMs);
    const { chains } = plan([older, old, unproven, young], proofOf([...old, ...older]));
    expect(chains.map(({ fate }) => fate)).to.deep.equal(['expire', 'keep', 'expire', 'keep']);
    expect(chains[1]?.because).to.equal('the last chain that a drill has restored');
  });

  it('takes a manifest that has changed since the drill for no proof', () => {
    const { held, chains } = plan(
      [old, young],
      proofOf([{ ...(young[0] as KeptMember), id: 'full-20261122T000000Z' }]),
    );
    expect(held).to.equal('no chain that a drill has restored lies in this vault any more, as it was');
    expect(chains.map(({ fate }) => fate)).to.deep.equal(['keep', 'keep']);
  });

  it('removes nothing while the newest drill did not pass, or there was none', () => {
    for (const [proof, words] of [
      [proofOf(young, 'fail'), /the newest drill of it, 20261124T021500Z-nightly, failed$/],
      [proofOf(young, 'inconclusive'), /was inconclusive$/],
      [{ proven: [], newest: null }, /no drill has restored this service from this vault yet$/],
    ] satisfies [ServiceProof, RegExp][]) {
      const { held, chains } = plan([old, young], proof);
      expect(held).to.match(words);
      expect(chains[0]).to.include({ fate: 'keep' });
      expect(chains[0]?.because).to.match(/^its newest data is 90\.0 days old, but /);
      expect(chains[0]?.because).to.match(words);
    }
  });

  it('removes nothing when no younger chain is there: the clock may be wrong', () => {
    const { held, chains } = plan([chain(120 * dayMs), old], proofOf(old));
    expect(held).to.match(/is the clock right\?$/);
    expect(chains.map(({ fate }) => fate)).to.deep.equal(['keep', 'keep']);
  });

  it('reports what is dated in the future, and does not touch it', () => {
    const future = chain(-dayMs);
    const late = member(90 * dayMs, null, { finishedAt: new Date(now.getTime() + 1).toISOString() });
    const { chains } = plan([[late], young, future], proofOf(young));
    expect(chains.map(({ fate }) => fate)).to.deep.equal(['leave', 'keep', 'leave']);
    expect(chains[0]?.because).to.equal(`${late.id} is dated in the future`);
    expect(plan([old, future], proofOf(future)).held, 'it is no evidence').to.match(/no chain that a drill has/);
  });

  it('reports what is not genuine or has no manifest, and does not touch it', () => {
    const forged = [old[0] as KeptMember, { ...(old[1] as KeptMember), facts: 'not genuine' }];
    const unsealed = { ...member(100 * dayMs), files: [], facts: 'it has no manifest' };
    const { chains } = plan([[unsealed], forged, young], proofOf(young));
    expect(chains.map(({ fate, because }) => [fate, because])).to.deep.equal([
      ['leave', 'not genuine'],
      ['keep', 'its newest data is 1.0 days old'],
      ['leave', 'it has no manifest'],
    ]);
  });

  it('keeps a chain on which a chain that stays is built', () => {
    const [first] = old as [KeptMember];
    // An increment that was being made when the next full was.
    const next = member(90 * dayMs - hourMs);
    const astray = member(dayMs, first);
    const { chains } = plan([old, [next, astray], young], proofOf(young));
    expect(chains.map(({ fate }) => fate)).to.deep.equal(['keep', 'keep', 'keep']);
    expect(chains[0]?.because).to.equal(`${astray.id} is built on it`);
  });
});

describe('planExpiry, whatever lies in the vault', () => {
  const vaults = fc
    .uniqueArray(fc.tuple(fc.integer({ min: -2, max: 20 }), fc.integer({ min: 0, max: 4 })), {
      selector: ([week]) => week,
      minLength: 1,
    })
    .map((weeks) => weeks.toSorted(([a], [b]) => b - a).map(([week, length]) => chain(week * 7 * dayMs, length)));
  const question = fc.record({
    chains: vaults,
    proven: fc.array(fc.nat(20)),
    outcome: fc.constantFrom('pass', 'pass', 'pass', 'fail', 'inconclusive'),
    retentionDays: fc.constantFrom(28, 56),
  });
  const planned = ({
    chains,
    proven,
    outcome,
    retentionDays,
  }: typeof question extends fc.Arbitrary<infer Q> ? Q : never) => {
    const proof = proofOf(chains.filter((_, i) => proven.includes(i)).flat(), outcome as 'pass');
    return { proof, ...plan(chains, proof, retentionDays) };
  };
  const ageMs = (members: readonly KeptMember[]) =>
    now.getTime() - Date.parse(((members.at(-1) as KeptMember).facts as MemberFacts).dataAt);

  it('names each member once, and removes none that is not too old', () => {
    fc.assert(
      fc.property(question, (q) => {
        const { chains } = planned(q);
        expect(chains.flatMap(({ members }) => members)).to.deep.equal(q.chains.flat());
        for (const { fate, members } of chains) {
          if (fate === 'expire') expect(ageMs(members)).to.be.greaterThan(q.retentionDays * dayMs);
        }
      }),
    );
  });

  it('leaves a chain that a drill has proven, or removes nothing', () => {
    fc.assert(
      fc.property(question, (q) => {
        const { chains, proof } = planned(q);
        const expired = chains.filter(({ fate }) => fate === 'expire');
        if (expired.length === 0) return;
        expect(proof.newest?.outcome).to.equal('pass');
        const isProven = ({ members }: (typeof chains)[0]) => proof.proven.some(({ id }) => id === members[0]?.id);
        const newestProven = chains.findLast((each) => each.fate !== 'leave' && isProven(each));
        expect(newestProven).to.include({ fate: 'keep' });
        expect(
          chains.some(({ fate, members }) => fate === 'keep' && ageMs(members) <= q.retentionDays * dayMs),
        ).to.equal(true);
      }),
    );
  });

  it('is finished by the next run wherever it is cut off, and until then no chain has a gap', () => {
    fc.assert(
      fc.property(question, fc.nat(100), (q, cut) => {
        const { chains, proof } = planned(q);
        const order = chains.filter(({ fate }) => fate === 'expire').flatMap(({ members }) => members.toReversed());
        const removed = new Set(order.slice(0, cut % (order.length + 1)));
        const left = q.chains.map((each) => each.filter((member) => !removed.has(member)));
        for (const [i, each] of left.entries()) expect(each).to.deep.equal(q.chains[i]?.slice(0, each.length));
        const again = plan(left, proof, q.retentionDays);
        const rest = again.chains.filter(({ fate }) => fate === 'expire').flatMap(({ members }) => members);
        expect(rest).to.have.members(order.slice(removed.size));
      }),
    );
  });
});
