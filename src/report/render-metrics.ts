import { plainLine } from '../kit/text.ts';
import { type CheckResult, isWarning } from '../model/check.ts';
import type { Journal, VerdictWord } from '../model/journal.ts';
import { type Metric, metricsText, type Sample } from './metrics-text.ts';

const verdicts: readonly VerdictWord[] = ['pass', 'fail', 'inconclusive'];
const outcomes: readonly CheckResult['outcome'][] = ['pass', 'fail', 'inconclusive', 'not-run'];

/**
 * Of one drill, for node_exporter's textfile collector. What was not measured has no sample: a restore time that was never
 * reached is absent, never 0.
 */
export const renderMetrics = (journal: Journal): Promise<string> => metricsText(metricsOf(journal));

export const metricsOf = (journal: Journal): Metric[] => [...ofDrill(journal), ...ofServices(journal)];

function ofDrill({
  drill,
  verdict,
  rto,
  ownCostMs,
  checks,
  environment,
  exitStatus,
  worstMs,
  skewMs,
  planted,
}: Journal): Metric[] {
  const labels = { drill: plainLine(drill.name) };
  const whole = (value: number | null): Sample[] => [[labels, value]];
  const inState = verdicts.map((word): Sample => [{ ...labels, verdict: word }, Number(verdict.verdict === word)]);
  const counted = outcomes.map((outcome): Sample => {
    return [{ ...labels, outcome }, checks.filter((each) => each.outcome === outcome).length];
  });
  return [
    ['verdict', 'Whether the drill ended with this verdict: 1, else 0.', inState],
    ['exit_status', 'Exit status of the drill.', whole(exitStatus)],
    ['started_timestamp_seconds', 'When the drill began, as Unix time.', whole(unixSeconds(drill.startedAt))],
    ['finished_timestamp_seconds', 'When the drill ended, as Unix time.', whole(unixSeconds(drill.finishedAt))],
    ['drill_duration_seconds', 'From its begin to its end.', whole(durationOf(drill))],
    ['rto_seconds', 'From the order to restore until all services were ready.', whole(inSeconds(rto.usedMs))],
    ['rto_objective_seconds', 'How long that may take.', whole(inSeconds(rto.objectiveMs))],
    ['own_cost_seconds', 'Of that, the time in which no engine was at work.', whole(inSeconds(ownCostMs))],
    ['worst_restore_seconds', 'Longest restore, older points included.', whole(inSeconds(worstMs))],
    ['skew_seconds', 'Between the oldest and newest restored instant.', whole(inSeconds(skewMs))],
    ['planted_fault_caught', 'Whether the planted fault was found: 1, else 0.', caughtIn(labels, planted)],
    ['peak_memory_bytes', 'Most memory that the drill used.', whole(environment.peakMemoryBytes)],
    ['checks', 'Checks by outcome.', counted],
    ['warnings', 'Findings that do not decide the verdict.', whole(warningsIn(checks))],
  ];
}

function durationOf({ startedAt, finishedAt }: Journal['drill']): number {
  // A clock that was set back in between measures nothing.
  return Math.max(Date.parse(finishedAt) - Date.parse(startedAt), 0) / 1000;
}

function caughtIn(labels: Record<string, string>, planted: Journal['planted']): Sample[] {
  if (!planted) return [];
  return [[{ ...labels, saboteur: plainLine(planted.saboteur) }, Number(planted.caughtBy !== null)]];
}

const warningsIn = (checks: readonly CheckResult[]) =>
  checks.reduce((sum, { findings }) => sum + findings.filter(isWarning).length, 0);

function ofServices({ drill, services }: Journal): Metric[] {
  type Service = Journal['services'][number];
  const each = (value: (record: Service) => number | null): Sample[] =>
    services.map((record) => [{ drill: plainLine(drill.name), service: plainLine(record.service) }, value(record)]);
  // Of what did not come back nobody knows what would be lost: an old number must not keep an alarm quiet.
  const back = (value: (record: Service) => number | null) =>
    each((record) => (record.readyMs === null ? null : value(record)));
  return [
    ['rpo_seconds', 'Newest data that would be lost.', back(({ rpo }) => inSeconds(rpo.measuredMs))],
    ['rpo_objective_seconds', 'How much of it may be lost.', each(({ rpo }) => inSeconds(rpo.objectiveMs))],
    [
      'largest_gap_seconds',
      'Longest time without a restore point.',
      each(({ largestGapMs }) => inSeconds(largestGapMs)),
    ],
    ['service_ready_seconds', 'From the order until this service was ready.', each((one) => inSeconds(one.readyMs))],
    [
      'restored_bytes',
      'Bytes, as stored, of what was restored.',
      back(({ members }) => members.reduce((sum, { bytes }) => sum + bytes, 0)),
    ],
    ['data_timestamp_seconds', 'Instant of the restore point, as Unix time.', back(({ members }) => dataAt(members))],
  ];
}

const inSeconds = (ms: number | null) => (ms === null ? null : ms / 1000);

function unixSeconds(instant: string): number | null {
  const ms = Date.parse(instant);
  return Number.isNaN(ms) ? null : ms / 1000;
}

function dataAt(members: Journal['services'][number]['members']): number | null {
  return unixSeconds(members.at(-1)?.dataAt ?? '');
}
