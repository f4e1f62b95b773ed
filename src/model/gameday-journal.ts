import type { Journal, ProbeRecord } from './journal.ts';
import type { RestoreReason } from './objectives.ts';

export const gameDayOutcomes = ['recovered', 'too-late', 'not-recovered', 'aborted', 'not-begun'] as const;
/**
 * `recovered` in time; `too-late`: recovered, after the limit; `not-recovered`: given up, or the time for it was over;
 * `aborted` by the operator; `not-begun`: the stack could not be raised, or was not steady before the disaster.
 */
export type GameDayOutcome = (typeof gameDayOutcomes)[number];

/** One question that was asked of a live service. */
export interface AskedRecord {
  service: string;
  name: string;
  holds: boolean;
  /** What was wanted and what was found, for people. Untrusted. */
  expected: string;
  found: string;
}

export const timelineKinds = [
  'raised',
  'disaster',
  'detected',
  'decided',
  'note',
  'hint',
  'step',
  'restore-began',
  'restore-ended',
  'claim',
  'verified',
  'refuted',
  'resumed',
  'aborted',
  'rolled-back',
] as const;
export type TimelineKind = (typeof timelineKinds)[number];

export interface TimelineEntry {
  /** ISO 8601, UTC. */
  at: string;
  /** Since the disaster, negative before it; by the machine's steady clock, so that a wall clock that steps does not matter. */
  atMs: number;
  who: 'operator' | 'robot' | 'firedrill';
  kind: TimelineKind;
  text: string;
}

/** Somebody said “I think it is recovered”, and what came of it. */
export interface Attempt {
  /** Since the disaster. */
  claimedMs: number;
  judgedMs: number;
  recovered: boolean;
  checks: AskedRecord[];
}

/** Something to be done after the game day; people fill these in. */
export interface FollowUp {
  what: string;
  who: string;
  /** `2026-12-24`; empty where none was agreed. */
  until: string;
}

/** What happened on one game day, in one record, in the manner of a chaos experiment; every report is rendered from it alone. */
export interface GameDayJournal {
  format: 'firedrill-gameday';
  version: 1;
  gameDay: {
    /** `20261129T103107Z-deleted-data`: also the name of its folder. */
    id: string;
    scenario: string;
    title: string;
    reason: RestoreReason;
    startedAt: string;
    finishedAt: string;
    /** Who recovered it: a name as it was given, or empty. */
    operator: string;
    robot: boolean;
    roles: { role: string; does: string }[];
    situation: string;
    limitMs: number;
  };
  outcome: { outcome: GameDayOutcome; sentence: string };
  exitStatus: number;
  /** Where the minutes went. null: it never came so far, or nobody said so. */
  minutes: {
    /** From the disaster until somebody said, or a steady check showed, that something is wrong. */
    detectionMs: number | null;
    /** From then until it was decided what to do: said so, or the first restore or rebuild began. */
    decisionMs: number | null;
    /** From then until the claim that was verified. */
    restoreMs: number | null;
    /** From that claim until the checks had confirmed it. */
    verificationMs: number | null;
    /** What hints have cost. */
    penaltyMs: number;
    /** From the disaster until it was verified, the penalty included: what is held to the limit. */
    totalMs: number | null;
  };
  steadyBefore: AskedRecord[];
  /** What was injected, one thing a line. */
  injected: string[];
  timeline: TimelineEntry[];
  attempts: Attempt[];
  steadyAfter: AskedRecord[];
  rollBack: { what: string; ok: boolean; sentence: string }[];
  /** Real restores into the stack: ids of their journals beside this one, with what came of each. */
  restores: { id: string; service: string; outcome: string; verdict: string; usedMs: number | null }[];
  /** What was tried from inside the stack to reach the world. */
  isolation: ProbeRecord[];
  services: {
    service: string;
    engine: string;
    title: string;
    image: string;
    engineVersion: string;
    standIn: boolean;
    replica: boolean;
  }[];
  lessons: string[];
  followUps: FollowUp[];
  environment: Omit<Journal['environment'], 'peakMemoryBytes'>;
  notes: string[];
}
