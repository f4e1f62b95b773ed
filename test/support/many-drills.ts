import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compactInstant } from '../../src/kit/clock.ts';
import { seeded } from '../../src/kit/random.ts';
import { formatDuration } from '../../src/kit/units.ts';
import type { Journal, VerdictWord } from '../../src/model/journal.ts';
import { demoJournal, failedDemoJournal, unclearDemoJournal } from './demo-journal.ts';

const dayMs = 86_400_000;

export interface PastDrills {
  nights: number;
  /** Of the newest night; the others are a day before one another. */
  until?: string;
  /** Restore time of a night that passed, the oldest first. */
  usedMs?: (night: number) => number;
  verdictOf?: (night: number) => VerdictWord;
}

const made: Record<VerdictWord, () => Journal> = {
  pass: demoJournal,
  fail: failedDemoJournal,
  inconclusive: unclearDemoJournal,
};

/** Journals of the demo's four services over many nights, oldest first; rows, sizes and times grow. */
export function pastDrills({ nights, until = '2026-11-22T02:15:00.000Z', usedMs, verdictOf }: PastDrills): Journal[] {
  const random = seeded(7);
  return Array.from({ length: nights }, (_, night) => {
    const startedAt = new Date(Date.parse(until) - (nights - 1 - night) * dayMs);
    const scatter = 0.95 + 0.1 * random();
    const time = usedMs?.(night) ?? (240_000 + 2_000 * night) * scatter;
    return journalOf(made[verdictOf?.(night) ?? 'pass'](), startedAt, time, 1 + night / 200);
  });
}

/** A drill of the demo at another instant, with everything stretched to another restore time. */
function journalOf(journal: Journal, startedAt: Date, usedMs: number, growth: number): Journal {
  const stretch = usedMs / (demoJournal().rto.usedMs ?? 1);
  const at = startedAt.toISOString();
  const name = journal.drill.name;
  return {
    ...journal,
    drill: { ...journal.drill, id: `${compactInstant(startedAt)}-${name}`, startedAt: at, asOf: at, finishedAt: at },
    rto: { ...journal.rto, usedMs: journal.rto.usedMs === null ? null : usedMs },
    phases: journal.phases.map((each) => ({ ...each, startMs: each.startMs * stretch, endMs: each.endMs * stretch })),
    verdict: { ...journal.verdict, sentence: journal.verdict.sentence.replace('41.9 s', formatDuration(usedMs)) },
    checks: journal.checks.map((each) => (each.check === 'rows' ? { ...each, comparisons: rowsOf(growth) } : each)),
    services: journal.services.map((each) => ({
      ...each,
      readyMs: each.readyMs === null ? null : Math.min(each.readyMs * stretch, usedMs),
      members: each.members.map((member) => ({ ...member, bytes: Math.round(member.bytes * growth) })),
    })),
  };
}

const rowsOf = (growth: number) => [
  { what: 'agama.orders', expected: '', found: `${Math.round(480_113 * growth)}` },
  { what: 'agama.customers', expected: '', found: '40000' },
];

/** Writes journals as drills leave them, without the reports beside them. */
export async function writeJournals(reportsFolder: string, journals: readonly Journal[]): Promise<void> {
  for (const journal of journals) {
    const folder = join(reportsFolder, journal.drill.id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'journal.json'), JSON.stringify(journal));
  }
}
