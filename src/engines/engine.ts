import type { z } from 'zod';
import type { Bay, StartedServer } from '../hosts/bay.ts';
import type { Host } from '../hosts/host.ts';
import type { Activity } from '../kit/activity.ts';
import type { Json } from '../kit/json.ts';
import type { Access, AccessKey, ApplicationLogin } from '../model/application.ts';
import type { Dependence, Link } from '../model/chain.ts';
import type { CheckId, CheckResult } from '../model/check.ts';
import type { DestructiveStatement } from '../model/destructive-statement.ts';
import type { Heartbeat } from '../model/journal.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Held } from '../model/measures.ts';
import type { ArtifactSink, DumpRecord, OpenMember } from '../model/member.ts';
import type { Machines } from './machine.ts';
import type { Questions } from './questions.ts';

export type { Bay, StartedServer } from '../hosts/bay.ts';

/** A live service that is backed up. `settings` were validated by the engine's schema; secrets in them are resolved. */
export interface Source<Settings> {
  service: string;
  host: Host;
  settings: Settings;
}

/** A thing that `doctor` found about a source. */
export interface Diagnosis {
  ok: boolean;
  what: string;
  /** What to do about it, when not ok. */
  advice?: string;
}

/** To where a chain is restored: its newest member, or a point before that. */
export interface RestoreTarget {
  /** The last instant whose changes are wanted. */
  at?: Date;
  /** The engine's own name of the first change that is not wanted, such as a GTID. */
  before?: string;
}

/** How an engine makes increments. */
export interface Increments<Settings> {
  readonly dependence: Dependence;
  /** Whether `restore` understands a target between two members. */
  readonly anyInstant: boolean;
  /** Whether `restore`, `check` and all that comes after read the facts of a chain's first and last member only. */
  readonly factsAtEnds?: boolean;
  /**
   * Dumps what has changed since the newest member of `chain` (the full first, each as its manifest says, of which only the
   * newest has its facts). The facts are those of the whole, as after a full. Throws CHAIN_BROKEN, with the reason, when only a new full helps, and whatever
   * `backupFull` throws.
   */
  backup(source: Source<Settings>, chain: readonly Link[], sink: ArtifactSink, activity: Activity): Promise<DumpRecord>;
  /** What took data away in one increment, in the order of time; absent where the engine has no log of statements. */
  destructive?(member: OpenMember, minRows: number, activity: Activity): AsyncGenerator<DestructiveStatement>;
  /** Whether a member holds the change of this name, by its position alone; absent where changes have no names. */
  holds?(manifest: Manifest, name: string): boolean;
  /** Why `next` does not go on where `before` ended, in words; undefined when it does. By their positions alone. */
  discontinuity(before: Manifest, next: Manifest): string | undefined;
}

/** What came out of a restore. */
export interface Restored {
  server: StartedServer;
  /** As the running server says it. */
  engineVersion: string;
  /** The server is a stand-in for the real one; it is said so on the report. */
  standIn: boolean;
  /** From checks that are made while restoring: format, completeness, restore-run. */
  results: CheckResult[];
  /** Checks for which there are no facts, because the point lies between two members; `check` gives no result for them. */
  unjudged?: readonly CheckId[];
}

export interface Checked {
  results: CheckResult[];
  /** The newest instant inside the restored data, and where it was found. */
  newest: { at: string; basis: string } | null;
  /** The newest heartbeat of this service in the restored data; absent or null where there is none. */
  heartbeat?: Heartbeat | null;
}

/** A restored service that answers what other restored services of the same drill would ask it. */
export interface Answerer {
  service: string;
  language: 'influxql';
  /** As the others name it. */
  database: string;
  /** The instant that its data is from: the "now" of whoever asks. ISO 8601, UTC. */
  dataAt: string;
  /** Whether a statement finds at least one value. TOOL_FAILED when it does more than read, or the server refuses it. */
  findsData(statement: string): Promise<boolean>;
}

/** How applications that run beside a restored service get to it. */
export interface Entrance<Settings> {
  /** All that they can be told. */
  readonly keys: readonly AccessKey[];
  /**
   * Lets an application in: by `login`, an account that was restored, or by one that is made for it and may read and write the
   * data. `socket` is the name of a file in the folder of the service's socket. RESTORE_FAILED when that account cannot log in.
   */
  open(
    chain: readonly OpenMember[],
    restored: Restored,
    settings: Settings,
    login: ApplicationLogin | undefined,
    activity: Activity,
  ): Promise<Access>;
  /** As `open`, into the live server of a game day's stack; what was made for it is gone afterwards. Absent: it cannot be done. */
  openLive?(
    source: Source<Settings>,
    login: ApplicationLogin | undefined,
    activity: Activity,
  ): Promise<{ access: Access } & AsyncDisposable>;
}

/** How a restored service gets on with those that were restored beside it. */
export interface LiveChecked {
  /** Of the check `dashboards-live`. */
  result: CheckResult;
  /** Names that stay the same from drill to drill, for the next one to compare with. */
  panelsWithData: string[];
  notes: string[];
}

/**
 * One database engine: all that firedrill knows of it. Adding one costs a folder and a line in `index.ts`. Every method
 * throws FiredrillErrors only and stops soon after `activity.signal` is aborted.
 */
export interface Engine<Settings = unknown> {
  readonly name: string;
  readonly title: string;
  /** Of the service's `settings` in the configuration, with descriptions for the JSON schema. */
  readonly settings: z.ZodType<Settings>;
  /** Checks that `verify`, and `restore` and `check` together, must give a result for; the self-check holds them to it. */
  readonly verifies: readonly CheckId[];
  readonly drills: readonly CheckId[];
  /**
   * How long such a service usually goes without a new event, in ms: a backup whose newest event is older is suspect.
   * null for data that changes only when somebody edits it. The configuration may say otherwise.
   */
  readonly quietMs: number | null;
  /** What the identity in a manifest must say for these settings, such as the database's name; {} for nothing. */
  expectedIdentity(settings: Settings): Record<string, Json>;
  /**
   * How a source that followed another server stood when it was backed up, as the manifest says; null where it followed
   * none. Absent: sources of this engine follow none.
   */
  following?(manifest: Manifest): { stands: string | null; lagMs: number | null } | null;
  /** The official image for a version as the manifest records it: `8.4.3` → `mysql:8.4`. */
  officialImage(engineVersion: string): string;
  /** Whether a server of version `found` may judge a backup of version `recorded`. */
  sameVersion(recorded: string, found: string): boolean;
  diagnose(source: Source<Settings>, activity: Activity): Promise<Diagnosis[]>;
  /**
   * Dumps everything and reads the facts at the dump's own instant. Throws BACKUP_INCOMPLETE when anything that proves
   * completeness is missing, SOURCE_UNREACHABLE, SOURCE_DENIED or SOURCE_UNSUITABLE.
   */
  backupFull(source: Source<Settings>, sink: ArtifactSink, activity: Activity): Promise<DumpRecord>;
  /**
   * Writes a heartbeat into the source, where the account may; SOURCE_DENIED where it may not. Absent: this engine's
   * sources cannot be written to.
   */
  beat?(source: Source<Settings>, heartbeat: Heartbeat, activity: Activity): Promise<void>;
  /** Absent: this engine makes fulls only. */
  readonly increments?: Increments<Settings>;
  /** Judges one member without a server: decodes every artifact to its end and looks for the producer's marks. */
  verify(member: OpenMember, activity: Activity): Promise<CheckResult[]>;
  /**
   * Restores a chain (the full first, and of the increments what `neededFor` says) into an empty bay, to its end or to
   * `target`, and waits until the server is ready and answers. Throws when it
   * cannot; the code says whose fault it is, and which check has failed: ARTIFACT_DAMAGED (manifest), ARTIFACT_FORMAT
   * (format), ARTIFACT_INCOMPLETE (completeness), RESTORE_FAILED (restore-run), LIMIT_EXCEEDED (hostile-input),
   * MANIFEST_INVALID (manifest); SANDBOX_FAILED, DOCKER_UNAVAILABLE, DISK_FULL … make the drill inconclusive.
   */
  restore(chain: readonly OpenMember[], bay: Bay, activity: Activity, target?: RestoreTarget): Promise<Restored>;
  /** How a restore goes on into a real server; absent: this engine's services can be drilled only. */
  readonly carrier?: Carrier<Settings>;
  /** Compares the restored service with the facts of the newest member, exactly. */
  check(chain: readonly OpenMember[], restored: Restored, settings: Settings, activity: Activity): Promise<Checked>;
  /**
   * How much the service held at a member's instant, by its manifest, firedrill's own heartbeat left out: for the
   * comparison with other members. null when the facts do not say.
   */
  holds(manifest: Manifest): Held | null;
  /** Absent: of its services the user cannot have checks of his own. */
  readonly questions?: Questions<Settings>;
  /** How its services live in the stack of a game day; absent: they cannot be rehearsed there. */
  readonly machines?: Machines<Settings>;
  /** Absent: no application can be run on its services. */
  readonly entrance?: Entrance<Settings>;
  /** Absent: nothing that is restored beside it could ask it anything. */
  answerer?(chain: readonly OpenMember[], restored: Restored, activity: Activity): Answerer | undefined;
  /**
   * Asks `answerers` (at least one) what the restored service's dashboards ask. `lastWithData`: what had data in the last
   * drill that passed; it is held to that where the manifest promises nothing. Absent: it has no dashboards.
   */
  checkLive?(
    restored: Restored,
    answerers: readonly Answerer[],
    lastWithData: readonly string[] | undefined,
    activity: Activity,
  ): Promise<LiveChecked>;
}

/** What stands at a target in the place of what would be restored. */
export interface Standing<Settings> {
  /** What would be replaced, one thing a line, such as `database agama: 7 tables, about 12,000 rows`; empty: nothing. */
  holds: string[];
  /** The newest instant inside it, where that is known: what is newer than the restored point would be lost. */
  newest: { at: string; basis: string } | null;
  /** The target as a source of the safety copy; null where the carry itself keeps the old beside the new. */
  backUpAs: Source<Settings> | null;
}

export interface CarryJob<Settings> {
  target: Source<Settings>;
  /** What was restored, the full first. */
  chain: readonly OpenMember[];
  /** The proven state, in a running server; the carry may use it up. */
  restored: Restored;
  /** Only these, beside what is there; absent: the whole, in its place. */
  parts?: readonly string[];
  /** What stands in the way was confirmed to be replaced; without it TARGET_NOT_EMPTY is thrown before anything is changed. */
  replace: boolean;
  /** `20261124T103107Z`: of this restore, for the names of what is put beside the live data. */
  stamp: string;
  /**
   * To be called right before the first change at the target: from then on it is not whole until the end.
   * @param place what parts are put into, beside the live data, for people
   */
  begin(place?: string): void;
}

export interface Carried {
  /** The target compared with the proven state, exactly. */
  results: CheckResult[];
  /** Worth knowing for whoever goes on with the target, such as an account that was left as it was. */
  notes: string[];
  /** Where it is, for people: `databases agama, shop`. */
  place: string;
  /** Where the carry itself has kept the old, and how to go back; absent where the safety copy is a backup. */
  kept?: { where: string; goBack: string } | undefined;
}

/** What can be restored beside the live data: each is also the option that names some of them. */
export const partKinds = ['tables', 'dashboards', 'measurements'] as const;
export type PartKind = (typeof partKinds)[number];

/** How an engine brings what was proven in the pod into a server that goes on living. */
export interface Carrier<Settings> {
  /** What can be restored beside the live data; absent: wholes only. */
  readonly parts?: PartKind;
  /**
   * Looks at a target, and changes nothing: may it take `newest`, or these parts of it, and what would be replaced? Throws
   * SOURCE_UNREACHABLE, SOURCE_DENIED or SOURCE_UNSUITABLE; USAGE for a part that the backup does not hold, where its manifest
   * tells.
   */
  look(
    target: Source<Settings>,
    newest: Manifest,
    activity: Activity,
    parts?: readonly string[],
  ): Promise<Standing<Settings>>;
  /** Writes, then compares. TARGET_FAILED when the target did not take it: it is not whole then. */
  carry(job: CarryJob<Settings>, activity: Activity): Promise<Carried>;
}

// biome-ignore lint/suspicious/noExplicitAny: each engine validates its own settings; the list cannot know their types
export type AnyEngine = Engine<any>;
