import { formatBytes } from '../../kit/units.ts';
import { type Journal, type NativeRecord, type PhaseRecord, phases } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { line, nameOf } from './untrusted.ts';

const maxLanes = 50;
const maxMarksPerLane = 200;
const maxRows = 300;

/** A lane for the drill itself, one for each service and one for each application. Positions are per cent of the whole drill. */
export function timelineView(journal: Journal) {
  const { phases: records, native, services, applications = [], rto, ownCostMs } = journal;
  const wholeMs = Math.max(lastEnd(records), lastEnd(native));
  // One that was passed over has done nothing.
  const tried = applications.filter(({ application }) => records.some((each) => each.service === application));
  const lanes = [null, ...services.map((each) => each.service), ...tried.map((each) => each.application)];
  return {
    empty: records.length === 0,
    lanes: bounded(lanes, maxLanes, (service) => laneView(journal, service, wholeMs)),
    ticks: ticksOf(wholeMs),
    phases: phases.filter((phase) => records.some((each) => each.phase === phase)),
    hasNative: native.length > 0,
    hasReady: services.some((each) => each.readyMs !== null),
    cost: costWords(rto.usedMs, ownCostMs),
    rows: bounded(rowsOf(records, native), maxRows, rowView),
  };
}

const lastEnd = (intervals: readonly { endMs: number }[]) =>
  intervals.reduce((last, { endMs }) => Math.max(last, endMs), 1);

function laneView(
  { phases: records, native, services, applications = [] }: Journal,
  service: string | null,
  wholeMs: number,
) {
  const readyMs = services.find((each) => each.service === service)?.readyMs ?? null;
  const own = records.filter((each) => each.service === service).slice(0, maxMarksPerLane);
  const isService = service !== null && !applications.some(({ application }) => application === service);
  const name = service === null ? 'the drill itself' : nameOf(service);
  return {
    name,
    note: isService ? (readyMs === null ? 'did not come back' : `back after ${duration(readyMs)}`) : '',
    readyPercent: readyMs === null ? '' : percent(readyMs, wholeMs),
    bars: own.map((each) => ({ phase: each.phase, ...barOf(each, wholeMs, each.phase) })),
    native: native
      .filter((each) => each.service === service)
      .slice(0, maxMarksPerLane)
      .map((each) => barOf(each, wholeMs, '')),
    spoken: `${name}: ${own.map((each) => `${each.phase} ${duration(each.endMs - each.startMs)}`).join(', ') || 'nothing was done'}`,
  };
}

const percent = (ms: number, wholeMs: number) => ((100 * ms) / wholeMs).toFixed(2);

/** A moment of a long drill must still be seen, so no bar is thinner than half a per cent. */
function barOf({ startMs, endMs }: { startMs: number; endMs: number }, wholeMs: number, label: string) {
  const width = Math.max((100 * (endMs - startMs)) / wholeMs, 0.5);
  // On the narrowest phone a letter takes about 2.5 % of the lane.
  const fits = width > 2.5 * label.length + 4;
  return { x: percent(Math.min(startMs, wholeMs * 0.995), wholeMs), width: width.toFixed(2), label: fits ? label : '' };
}

const stepsMs = [
  [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000],
  [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440].map((minutes) => minutes * 60_000),
].flat();

/** At most five, at round times. */
function ticksOf(wholeMs: number) {
  const stepMs = stepsMs.find((step) => wholeMs / step <= 4.5) ?? wholeMs / 4;
  const ticks = Array.from({ length: Math.floor(wholeMs / stepMs) + 1 }, (_, i) => i * stepMs);
  return ticks.map((ms) => ({
    x: percent(ms, wholeMs),
    anchor: ms === 0 ? 'start' : ms / wholeMs > 0.93 ? 'end' : 'middle',
    label: tickLabel(ms),
  }));
}

const tickLabel = (ms: number) => (ms < 60_000 ? `${Number((ms / 1000).toFixed(1))} s` : duration(ms));

function costWords(usedMs: number | null, ownCostMs: number | null): string {
  if (usedMs === null || ownCostMs === null) return '';
  const engines = duration(Math.max(usedMs - ownCostMs, 0));
  return `Until everything was back, the engines themselves worked for ${engines}; the drill's own cost was ${duration(ownCostMs)}.`;
}

interface Row {
  service: string | null;
  step: string;
  startMs: number;
  endMs: number;
}

function rowsOf(records: readonly PhaseRecord[], native: readonly NativeRecord[]): Row[] {
  const own = records.map((each) => ({ ...each, step: each.phase as string }));
  const engines = native.map((each) => {
    const size = each.bytes === undefined ? '' : ` (${formatBytes(each.bytes)})`;
    return { ...each, step: `engine: ${each.label}${size}` };
  });
  return [...own, ...engines].sort((a, b) => a.startMs - b.startMs);
}

function rowView({ service, step, startMs, endMs }: Row) {
  return {
    service: service === null ? 'the drill itself' : line(service),
    step: line(step),
    from: duration(startMs),
    took: duration(endMs - startMs),
  };
}
