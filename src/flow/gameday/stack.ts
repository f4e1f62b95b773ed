import type { Activity } from '../../kit/activity.ts';
import type { AskedRecord } from '../../model/gameday-journal.ts';
import type { ProbeRecord } from '../../model/journal.ts';
import type { Action, ScenarioCheck } from '../../model/scenario.ts';

/** One service of the stack, as it was raised. */
export interface StackService {
  service: string;
  engine: string;
  title: string;
  /** Name of its container: `docker exec` gets there. */
  container: string;
  /** Name of its replica's container; null where nothing follows it. */
  replica: string | null;
  image: string;
  engineVersion: string;
  standIn: boolean;
}

/**
 * A production-like stack in disposable containers, sealed as a pod is, with a vault, a vault at another place and a
 * configuration of its own: whoever restores works with the same commands as on the day itself. It outlives the process
 * that raised it, until it is disposed of or its time is over.
 */
export interface Stack {
  readonly folder: string;
  /** The firedrill.yaml of the stack: its sources, its vaults, its keys. */
  readonly configFile: string;
  readonly services: readonly StackService[];
  /** What was tried from inside to reach the world. */
  readonly isolation: readonly ProbeRecord[];
  act(action: Action, activity: Activity): Promise<void>;
  /** An empty machine in the place of the one that a service had, as the playbook makes it. */
  rebuild(service: string, activity: Activity): Promise<void>;
  /** Asks live services; a refusal is an answer that does not hold. `before`: the answers of the same checks right before the disaster. */
  ask(
    checks: readonly ScenarioCheck[],
    before: readonly AskedRecord[] | undefined,
    activity: Activity,
  ): Promise<AskedRecord[]>;
  /** Runs applications on what is there now, one after the other; what they write stays. One that does not work does not hold. */
  tryApplications(names: readonly string[], activity: Activity): Promise<AskedRecord[]>;
  /** Removes containers and volumes; the folder with the journal stays. Safe twice. */
  dispose(): Promise<{ what: string; ok: boolean; sentence: string }[]>;
}
