import type { Moment } from '../kit/boot-clock.ts';
import type { AskedRecord, GameDayJournal, TimelineKind } from './gameday-journal.ts';
import type { ProbeRecord } from './journal.ts';
import type { Scenario } from './scenario.ts';

/** What is written down the moment it happens, one line each: whatever happens to the terminal, the game day goes on. */
export type GameDayEvent = { moment: Moment } & GameDayHappening;

export type GameDayHappening =
  | {
      kind: 'begun';
      id: string;
      scenario: Scenario;
      operator: string;
      robot: boolean;
      environment: GameDayJournal['environment'];
    }
  | {
      kind: 'raised';
      /** The firedrill.yaml of the stack. */
      configFile: string;
      services: GameDayJournal['services'];
      isolation: ProbeRecord[];
    }
  | { kind: 'steady'; checks: AskedRecord[] }
  /** The clock starts here. `before`: what the checks of the recovery said right before. */
  | { kind: 'disaster'; before: AskedRecord[] }
  /** One thing that was injected, for people. */
  | { kind: 'injected'; what: string }
  /** All of it was; from here on the operator is on his own. */
  | { kind: 'told' }
  | { kind: 'said'; who: 'operator' | 'robot' | 'firedrill'; as: TimelineKind; text: string }
  | { kind: 'hint'; text: string; costsMs: number }
  | {
      kind: 'restored';
      who: 'operator' | 'robot';
      record: GameDayJournal['restores'][number];
      /** Before this event was written. */
      beganAgoMs: number;
      endedAgoMs: number;
      sentence: string;
    }
  | { kind: 'claimed'; who: 'operator' | 'robot' }
  /** Follows `claimed`. */
  | { kind: 'judged'; checks: AskedRecord[] }
  | { kind: 'resumed'; steady: boolean }
  | { kind: 'ended'; how: EndedHow; sentence: string }
  | { kind: 'rolled-back'; rollBack: GameDayJournal['rollBack'] };

/** `verified`: by the checks; `given-up`; `aborted`; `not-begun`: before there was a disaster. */
export type EndedHow = 'verified' | 'given-up' | 'aborted' | 'not-begun';
