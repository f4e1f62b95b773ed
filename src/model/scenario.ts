import type { RestoreReason } from './objectives.ts';
import type { OwnCheck } from './own-check.ts';

/** A disaster that is rehearsed against the clock, as its file under `drills/` describes it. Plain data. */
export interface Scenario {
  /** Name of its file, without `.yaml`. */
  name: string;
  title: string;
  reason: RestoreReason;
  /** Who takes part, and what each of them does. */
  roles: { role: string; does: string }[];
  /** What the operator is told when the clock starts. It does not say what was injected. */
  situation: string;
  /** Those that are raised, in the order of the configuration. */
  services: string[];
  /** Of those, the ones that a replica follows. */
  replicas: string[];
  /** What happens between the seed and the disaster: work that goes on, backups, copies to the other place. */
  prepare: Action[];
  /** What must hold before the disaster, and once more at the end. */
  steady: ScenarioCheck[];
  inject: Action[];
  /** Of the configuration, those that are run on the stack before the disaster, and when somebody claims that it is recovered. */
  applications: string[];
  /** What counts as recovered: nobody's word, these checks. */
  recovered: ScenarioCheck[];
  /** From the disaster until it is recovered, hints' minutes included. */
  limitMs: number;
  /** In the order in which they are given; each costs time on the clock. */
  hints: { text: string; costsMs: number }[];
  /** How firedrill recovers by itself. */
  robot: RobotStep[];
  /** What becomes of it all at the end, for people; whatever they do, the stack is removed. */
  rollBack: string;
}

/** A question to one live service of the stack. */
export interface ScenarioCheck extends OwnCheck {
  service: string;
  /** The answer must also be what it was right before the disaster; such a check may have no other expectation. */
  asBefore: boolean;
}

/** What is done to the stack, as its administrator, or as the world. */
export type Action =
  /** Statements by the service's own client, in the language of its engine. */
  | { do: 'statements'; service: string; text: string }
  /** A shell script inside the service's machine, as its administrator. */
  | { do: 'script'; service: string; text: string }
  | { do: 'backup'; services: string[]; full: boolean }
  | { do: 'sync' }
  /** The machine and its disk are gone; `rebuild` gives an empty one. `replica`: that of the replica. */
  | { do: 'lose'; service: string; replica: boolean }
  /** Everything in that vault is gone. */
  | { do: 'lose-vault'; vault: string }
  /** Bytes of the newest increment of a service change where they lie, its size does not. */
  | { do: 'corrupt'; service: string; vault: string };

/** What the robot does, in its order: what an operator would type. */
export type RobotStep =
  | Action
  /** An empty machine, as the playbook makes it. */
  | { do: 'rebuild'; service: string }
  | {
      do: 'restore';
      service: string;
      /** `newest`; `before-statement`: right before the newest destructive statement; `last-good`: what a drill finds so; else a duration before the disaster, in ms. */
      at: 'newest' | 'before-statement' | 'last-good' | { beforeDisasterMs: number };
      /** Name of the vault; undefined: the first. */
      from: string | undefined;
      /** Only these tables, measurements or dashboards, beside the live data; undefined: the whole, in its place. */
      parts: string[] | undefined;
    };
