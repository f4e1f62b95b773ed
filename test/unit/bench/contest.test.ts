import { expect } from 'chai';
import { type Contestant, contest, type Sample } from '../../../scripts/bench/peers/contest.ts';

/** A contest whose contestants take the given seconds, one after the other; what was run is told in `ran`. */
async function held(
  times: Record<string, (Sample | Error)[]>,
  more: Record<string, Partial<Contestant>> = {},
  rounds = 3,
) {
  const [ran, prepared, said] = [[] as string[], [] as string[], [] as string[]];
  const contestants = Object.entries(times).map(
    ([id, samples]): Contestant => ({
      id,
      title: id.toUpperCase(),
      run: async () => {
        const next = samples[ran.filter((each) => each === id).length];
        ran.push(id);
        if (next instanceof Error || next === undefined) throw next ?? new Error('once too often');
        return next;
      },
      ...more[id],
    }),
  );
  const prepare = async ({ id }: Contestant) => void prepared.push(id);
  const rows = await contest({ contestants, rounds, ours: 'own', prepare, say: (line) => void said.push(line) });
  return { rows, ran, prepared, said };
}

const took = (...seconds: number[]): Sample[] => seconds.map((each) => ({ seconds: each }));

describe('a contest', () => {
  it('lets each run once in each round, in turns, prepared alike', async () => {
    const { rows, ran, prepared } = await held({ peer: took(40, 50, 60), other: took(1, 2, 3), own: took(10, 10, 20) });
    expect(ran.join(' ')).to.equal('peer other own other own peer own peer other');
    expect(prepared).to.deep.equal(ran);
    expect(rows.map(({ id, seconds }) => [id, seconds?.median])).to.deep.equal([
      ['peer', 50],
      ['other', 2],
      ['own', 10],
    ]);
  });

  it('compares what ran in the same round, and nobody with itself', async () => {
    const { rows } = await held({ peer: took(40, 50, 60), own: took(10, 10, 20) });
    expect(rows.map((row) => row.timesAsFast)).to.deep.equal([{ median: 4, min: 3, max: 5 }, null]);
  });

  it('says how long the servers took to start, where that was told', async () => {
    const peer = [1, 2, 6].map((boot) => ({ seconds: 10, parts: { boot } }));
    const { rows } = await held({ peer, own: took(10, 10, 20) });
    expect(rows.map(({ boot }) => boot)).to.deep.equal([{ median: 2, min: 1, max: 6 }, null]);
  });

  it('gives a wrong result no time, and does not ask again', async () => {
    const { rows, ran } = await held({
      peer: [...took(40), { seconds: 1, wrong: 'a row is missing' }],
      own: took(10, 10, 20),
    });
    expect(rows[0]).to.deep.include({
      seconds: null,
      timesAsFast: null,
      problem: 'wrong: a row is missing',
      isFailure: true,
    });
    expect(ran.filter((id) => id === 'peer')).to.have.length(2);
    expect(rows[1]).to.deep.include({ problem: null, isFailure: false });
  });

  it('compares with nobody when its own result is wrong', async () => {
    const { rows } = await held({ peer: took(40, 50, 60), own: [{ seconds: 1, wrong: 'fail' }] });
    expect(rows.map((row) => row.timesAsFast)).to.deep.equal([null, null]);
    expect(rows.map((row) => row.isFailure)).to.deep.equal([false, true]);
  });

  it('tells of one that may fail, and goes on', async () => {
    const failing = { peer: [new Error('unknown option')], own: took(10, 10, 20) };
    const { rows, said } = await held(failing, { peer: { mayFail: true } });
    expect(rows[0]).to.deep.include({ seconds: null, problem: 'failed: unknown option', isFailure: false });
    expect(rows[1]?.seconds?.median).to.equal(10);
    expect(said).to.include('round 1 of 3: peer: failed: unknown option');
  });

  it('ends when one fails that must not', async () => {
    const error = await held({ peer: [new Error('no server')], own: took(10) }).catch((thrown: Error) => thrown);
    expect(error).to.have.property('message', 'no server');
  });

  it('does not run one that is not installed', async () => {
    const { rows, ran } = await held({ peer: [], own: took(10, 10, 20) }, { peer: { missing: 'not installed here' } });
    expect(rows[0]).to.deep.include({ problem: 'not installed here', isFailure: false, seconds: null });
    expect(ran).to.not.include('peer');
  });
});
