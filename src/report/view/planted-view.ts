import type { Journal } from '../../model/journal.ts';
import { outcomeView } from './outcome.ts';
import { line, nameOf } from './untrusted.ts';

/** The fault that was planted into a copy of a backup, and what noticed it; undefined when none was planted. */
export function plantedView({ planted, checks }: Journal) {
  if (!planted) return undefined;
  const { title, service, resealed, what, caughtBy, sentence, saboteur, seed } = planted;
  const outcome = checks.find((each) => each.check === 'planted')?.outcome ?? 'not-run';
  return {
    ...outcomeView(outcome),
    title: line(title),
    service: nameOf(service),
    how: `${line(what)}${resealed ? '; hashes and seals were made to fit' : ''}`,
    caughtBy: caughtBy ?? 'nobody',
    sentence: line(sentence),
    saboteur: line(saboteur),
    seed: String(seed),
  };
}
