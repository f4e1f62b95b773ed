import { type Journal, type Phase, type PhaseRecord, phases } from './journal.ts';

/** Milliseconds of the restore time by phase; `other` is what passed between them. */
export type RestoreParts = Partial<Record<Phase | 'other', number>>;

/** A drill has about ten; a journal that somebody made may have any number. */
const maxRecords = 200;

/**
 * What the restore time went into, along the way of the service that came back last: at each instant its own phase, else
 * that of the drill as a whole, else `other`. The parts add up to the restore time; null when it was never reached.
 */
export function restorePartsOf({ rto: { usedMs }, services, phases: records }: Journal): RestoreParts | null {
  if (usedMs === null) return null;
  const last = services.reduce<Journal['services'][number] | undefined>(
    (slowest, each) => ((each.readyMs ?? -1) > (slowest?.readyMs ?? -1) ? each : slowest),
    undefined,
  );
  const own = records.filter((each) => each.service === last?.service).slice(0, maxRecords);
  const whole = records.filter((each) => each.service === null).slice(0, maxRecords);
  const parts: RestoreParts = {};
  const edges = [...own, ...whole].flatMap((each) => [each.startMs, each.endMs]);
  const instants = [...new Set([0, usedMs, ...edges.filter((ms) => ms > 0 && ms < usedMs)])].sort((a, b) => a - b);
  for (const [i, toMs] of instants.entries()) {
    const fromMs = instants[i - 1];
    if (fromMs === undefined) continue;
    const phase = phaseAt(own, fromMs, toMs) ?? phaseAt(whole, fromMs, toMs) ?? 'other';
    parts[phase] = (parts[phase] ?? 0) + toMs - fromMs;
  }
  return parts;
}

/** Of two at once, the one that comes later in a drill. */
function phaseAt(records: readonly PhaseRecord[], fromMs: number, toMs: number): Phase | undefined {
  const running = records.filter(({ startMs, endMs }) => startMs <= fromMs && endMs >= toMs);
  return phases.findLast((phase) => running.some((each) => each.phase === phase));
}
