import { messageOf } from '../../../src/kit/errors.ts';
import { rotated, type Spread, spreadOf, timesAsFast } from './spread.ts';

/** One run of one contestant. */
export interface Sample {
  /** Wall time of all that it needs, from the order on. */
  seconds: number;
  /** Of them, by part: of a restore `boot`, until the empty server has started, and `restore`, all else. */
  parts?: Record<string, number>;
  /** What a backup takes on the disk. */
  bytes?: number;
  /** The largest resident set of firedrill's process (VmHWM). */
  peakBytes?: number;
  /** Of a drill: its whole wall time without what the engines' own processes worked. */
  overheadSeconds?: number;
  /** What is not as it was at the source: such a time is none. */
  wrong?: string;
}

export interface Contestant {
  id: string;
  /** In Markdown. */
  title: string;
  /** Why it cannot be run here at all. */
  missing?: string | undefined;
  /** Known to fail: that it does so is told, and is no failure of the measurement. */
  mayFail?: boolean;
  run(): Promise<Sample>;
}

export interface Row {
  id: string;
  title: string;
  /** null when it gave no right result. */
  seconds: Spread | null;
  /** Of a restore: the start of its server, which is in `seconds`. */
  boot: Spread | null;
  /** firedrill against it; null where one of both has no time. */
  timesAsFast: Spread | null;
  /** Why there is no time: not installed, failed, or wrong; null where all was well. */
  problem: string | null;
  /** Whether that is a failure of the measurement. */
  isFailure: boolean;
  samples: Sample[];
}

export interface Contest {
  contestants: readonly Contestant[];
  rounds: number;
  /** Whose rows the ratios are against. */
  ours: string;
  /** Before each run, the same for all. */
  prepare(contestant: Contestant): Promise<void>;
  say(line: string): void;
}

interface Standing {
  contestant: Contestant;
  /** One for each round; null where it was not run, or was wrong. */
  samples: (Sample | null)[];
  problem: string | null;
}

/** Each contestant once in each round, in rotated order. One that has failed is not run again, and does not end the others. */
export async function contest({ contestants, rounds, ours, prepare, say }: Contest): Promise<Row[]> {
  const standings = contestants.map(
    (contestant): Standing => ({ contestant, samples: [], problem: contestant.missing ?? null }),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const standing of rotated(standings, round)) {
      const { contestant } = standing;
      const sample = standing.problem === null ? await runOnce(standing, () => prepare(contestant)) : null;
      standing.samples.push(sample);
      const outcome = sample ? `${sample.seconds.toFixed(1)} s` : standing.problem;
      say(`round ${round + 1} of ${rounds}: ${contestant.id}: ${outcome}`);
    }
  }
  const own = standings.find(({ contestant }) => contestant.id === ours);
  return standings.map((each) => rowOf(each, own));
}

async function runOnce(standing: Standing, prepare: () => Promise<void>): Promise<Sample | null> {
  const { contestant } = standing;
  await prepare();
  try {
    const sample = await contestant.run();
    if (sample.wrong === undefined) return sample;
    standing.problem = `wrong: ${sample.wrong}`;
  } catch (error) {
    if (!contestant.mayFail) throw error;
    standing.problem = `failed: ${messageOf(error)}`;
  }
  return null;
}

const secondsOf = ({ samples }: Standing) => samples.map((each) => each?.seconds ?? null);

function rowOf(standing: Standing, own: Standing | undefined): Row {
  const { contestant, samples, problem } = standing;
  const good = problem === null ? samples.filter((each) => each !== null) : [];
  const boots = good.flatMap(({ parts }) => parts?.boot ?? []);
  const isOther = own !== undefined && own !== standing && own.problem === null && problem === null;
  return {
    id: contestant.id,
    title: contestant.title,
    seconds: good.length === 0 ? null : spreadOf(good.map(({ seconds }) => seconds)),
    boot: boots.length === 0 ? null : spreadOf(boots),
    timesAsFast: isOther ? timesAsFast(secondsOf(standing), secondsOf(own)) : null,
    problem,
    isFailure: problem !== null && contestant.missing === undefined && !contestant.mayFail,
    samples: good,
  };
}
