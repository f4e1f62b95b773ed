import type { Journal, ServiceRecord, VerdictWord } from './journal.ts';
import { drilledServices } from './proof.ts';

/** What one drill says of one service. */
export interface SummarisedService {
  service: string;
  /** Of this service alone. */
  outcome: VerdictWord;
  /** The instant to which its data came back; null when it did not. */
  dataAt: string | null;
}

/** What is kept of a drill where many are looked at; a journal may be large. */
export interface DrillSummary {
  id: string;
  name: string;
  vault: string;
  startedAt: string;
  finishedAt: string;
  verdict: VerdictWord;
  sentence: string;
  rto: Journal['rto'];
  /** Whether the newest restore point was drilled, and not one of somebody's choice. */
  ofNewestPoint: boolean;
  services: SummarisedService[];
  /** Of the fault that was planted: whether it was found; null when none was. */
  plantedCaught: boolean | null;
}

/** undefined for a real restore, which is no drill. */
export function summaryOf(journal: Journal): DrillSummary | undefined {
  if (journal.restore) return undefined;
  const { drill, verdict, rto, planted, services } = journal;
  const { id, name, vault, startedAt, finishedAt } = drill;
  const drilled = drilledServices(journal);
  return {
    ...{ id, name, vault, startedAt, finishedAt, ...verdict, rto },
    ofNewestPoint: drilled.every((each) => each.ofNewestPoint),
    services: services.map((record, i) => ({
      service: record.service,
      outcome: drilled[i]?.outcome ?? 'inconclusive',
      dataAt: dataAtOf(record),
    })),
    plantedCaught: planted && planted.caughtBy !== null,
  };
}

/** The instant of the point that a service came back to; null when it did not. */
export function dataAtOf({ readyMs, members }: ServiceRecord): string | null {
  return readyMs === null ? null : (members.at(-1)?.dataAt ?? null);
}
