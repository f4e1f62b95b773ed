import type { CheckId, CheckResult } from './check.ts';
import type { MemberMeasures } from './measures.ts';
import type { RestoreReason } from './objectives.ts';
import type { RestoreEstimate } from './restore-estimate.ts';

export type VerdictWord = 'pass' | 'fail' | 'inconclusive';

/** `fail`: the backup is bad. `inconclusive`: the drill itself could not look. */
export interface Verdict {
  verdict: VerdictWord;
  /** One plain sentence. Untrusted names may be in it. */
  sentence: string;
}

export const phases = [
  'plan',
  'fetch',
  'boot',
  'restore',
  'ready',
  'check',
  'application',
  'safety copy',
  'carry',
  'dispose',
] as const;
export type Phase = (typeof phases)[number];

/** Milliseconds on a monotonic clock since the order to restore. */
export interface PhaseRecord {
  service: string | null;
  phase: Phase;
  startMs: number;
  endMs: number;
}

/** An interval in which an engine's own process worked; see `Activity.native`. */
export interface NativeRecord {
  service: string;
  label: string;
  startMs: number;
  endMs: number;
  /** What it worked through, where that is known, such as bytes of binary log. */
  bytes?: number;
}

export interface MemberRecord {
  id: string;
  kind: 'full' | 'incremental';
  manifestSha256: string;
  /** As stored. */
  bytes: number;
  artifacts: number;
  startedAt: string;
  dataAt: string;
  finishedAt: string;
  sourceHost: string;
  engineVersion: string;
  tools: Record<string, string>;
  /** Absent in journals of earlier versions. */
  measures?: MemberMeasures;
}

/** What firedrill writes into a source before it is backed up: one id for all services of a run. */
export interface Heartbeat {
  id: string;
  /** ISO 8601, UTC. */
  at: string;
}

export interface ServiceRecord {
  service: string;
  engine: string;
  /** Engine's title for people: `MySQL`. */
  title: string;
  set: string | null;
  /** What was restored, the full first; empty when there was nothing to restore. */
  members: MemberRecord[];
  /** The newest instant inside the restored data. */
  restoredTo: { at: string; basis: string } | null;
  rpo: { objectiveMs: number; measuredMs: number | null };
  /** The service's own backup heartbeat, as it was found in the restored data; null where none is written. */
  heartbeat: Heartbeat | null;
  /** The longest time without a restore point since the last drill; null when there are fewer than two points. */
  largestGapMs: number | null;
  /** Which of its dashboards' panels found data in the databases restored beside it; null when none was asked. */
  panelsWithData: string[] | null;
  /** From the order to restore until this service was ready; null when it never was. */
  readyMs: number | null;
  image: { name: string; id: string; digest: string | null; engineVersion: string | null; standIn: boolean } | null;
}

/** An older point of one service that was restored beside the drill's own, in a pod of its own. */
export interface ExcursionRecord {
  /** `last-good`: tried in search of the last good point of a service that failed. */
  reason: 'random' | 'longest' | 'last-good';
  service: string;
  set: string;
  /** The newest member that was restored. */
  member: string;
  /** How many members were restored. */
  members: number;
  dataAt: string | null;
  verdict: VerdictWord;
  /** The first finding; empty when all was well. */
  sentence: string;
  /** From the order to restore until the service was ready; null when it never was. */
  usedMs: number | null;
}

/** Where a service that failed can still be restored to. */
export interface LastGoodRecord {
  service: string;
  /** null when no point that was tried is good. */
  good: { set: string; member: string; dataAt: string; lostMs: number } | null;
  /** The oldest member that is known to be bad. */
  bad: string | null;
}

/** A fault that was planted into a copy of one service's backup, to try whether the drill notices. */
export interface PlantedRecord {
  /** Makes the same choices again: `firedrill drill --seed`. */
  seed: number;
  /** Of the catalogue of saboteurs, such as S31. */
  saboteur: string;
  title: string;
  /** Whether hashes and seals fitted all the same. */
  resealed: boolean;
  service: string;
  /** What was done to the copy. */
  what: string;
  /** The check that noticed; null when none did. */
  caughtBy: CheckId | null;
  /** The first finding; empty when there is none. */
  sentence: string;
}

/**
 * What became of the target: `restored`, exactly; `differs` from what was proven; `broke-off` and is not whole;
 * `untouched`.
 */
export const restoreOutcomes = ['restored', 'differs', 'broke-off', 'untouched'] as const;

/** The real restore that went on from a drill. */
export interface RestoreRecord {
  reason: RestoreReason;
  /** As it was typed: `source`, or a name of `targets`. */
  target: string;
  host: string;
  outcome: (typeof restoreOutcomes)[number];
  /** What was restored beside the live data; null for a whole. */
  parts: string[] | null;
  /** What stood at the target and gave way, one thing a line. */
  replaced: string[];
  /** Where what was replaced is kept, and how to go back; null when there was nothing. */
  safetyCopy: { where: string; goBack: string } | null;
  /** From the restored point to the newest event at the target, or to the order to restore; null: not known, or nothing. */
  lostMs: number | null;
  /** From the end of the checks in the pod until the target was compared; null when it never was. */
  carryMs: number | null;
  /** Of the target, against what was proven in the pod. */
  checks: CheckResult[];
}

/** What was tried from inside the pod, and what came of it. */
export interface ProbeRecord {
  what: string;
  expected: 'unreachable' | 'reachable' | 'absent';
  found: string;
  ok: boolean;
}

/** An application that was run on what was restored. */
export interface ApplicationRecord {
  application: string;
  /** The services that it was told of. */
  services: string[];
  /** null when it was not there, or not looked for. */
  image: { name: string; id: string; digest: string | null } | null;
  /** From its start, after all checks, until it was ready; null when it never was. It is no part of the restore time. */
  readyMs: number | null;
  /** How many of its steps there are, and how many were taken. */
  steps: { expected: number; taken: number };
}

/**
 * Everything that happened in one drill, in one record; every report is rendered from it alone. No secret is in it.
 * All strings that come from backups, servers and tools are untrusted text.
 */
export interface Journal {
  format: 'firedrill-journal';
  version: 1;
  drill: {
    /** `20261124T021500Z-nightly`: also the name of its folder under reports/. */
    id: string;
    name: string;
    startedAt: string;
    finishedAt: string;
    /** The moment that ages and RPO are judged against: the start, or the instant that `--at` named. */
    asOf: string;
    vault: string;
    services: string[];
  };
  verdict: Verdict;
  exitStatus: number;
  /** `usedMs`: from the order to restore until all services were ready; null when they never were. */
  rto: { objectiveMs: number; usedMs: number | null };
  /** What the restore was to take, by earlier drills, reckoned before it; absent where that was not asked, and in journals of earlier versions. */
  estimate?: RestoreEstimate;
  /** Time of `usedMs` in which no native process of any engine worked: the drill's own cost. */
  ownCostMs: number | null;
  /** The longest restore of this drill, older points included: the time of the worst chain. */
  worstMs: number | null;
  /** Between the oldest and the newest of the services' restored instants; null with fewer than two. */
  skewMs: number | null;
  /** Where services that failed can still be restored to. */
  lastGood: LastGoodRecord[];
  /** Present when the drill went on into a real server: such a record is no drill, and counts as none. */
  restore?: RestoreRecord;
  /** Older points that were restored as well. */
  excursions: ExcursionRecord[];
  /** null when none was planted. */
  planted: PlantedRecord | null;
  /** Absent in journals of earlier versions, and where none is configured. */
  applications?: ApplicationRecord[];
  services: ServiceRecord[];
  checks: CheckResult[];
  phases: PhaseRecord[];
  native: NativeRecord[];
  isolation: ProbeRecord[];
  environment: {
    firedrill: string;
    node: string;
    docker: string | null;
    host: string;
    cpus: number;
    memoryBytes: number;
    peakMemoryBytes: number;
  };
  /** Things worth knowing that are no findings, such as "grafana was judged by a stand-in". */
  notes: string[];
}
