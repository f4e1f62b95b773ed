import type { Source } from '../../src/engines/engine.ts';
import type { BackedUp } from '../../src/flow/backup.ts';
import type { DrillOrder, DrillService } from '../../src/flow/drill-order.ts';
import type { Clock } from '../../src/kit/clock.ts';
import type { ErrorCode } from '../../src/kit/errors.ts';
import type { Random } from '../../src/kit/random.ts';
import type { CheckId, CheckResult } from '../../src/model/check.ts';
import type { Journal, VerdictWord } from '../../src/model/journal.ts';
import type { MemberKind } from '../../src/model/manifest.ts';
import type { BackupTo, ServiceName, Stage } from './stage.ts';
import type { VaultCopy } from './vault-copy.ts';

/*
 * The saboteurs: faults of backups, of their sources and of a drill's own world, and what must come of each. They are data;
 * `run-saboteur.ts` runs one, `npm run saboteurs` all, and `saboteurs.test.ts` makes a test of each.
 *
 * How one is added:
 * 1. Put it into the section's list under `catalogue/`. It gets a copy of a good vault (`scene.copy`), spoils exactly one
 *    thing in it, and says what must be found: verdict, check, service and sentence. With `resealed`, end with
 *    `scene.copy.reseal(member)`, which all `putContent` and `changeManifest` do by themselves: hashes and seals fit then.
 * 2. A fault of the source (level S) is `live`: it takes a server of `scene.stage` for itself while it injects (leave it as it
 *    was found, or work in a database of your own: `ownDatabase`), and makes its backup with `scene.backUp`. One of the
 *    drill's world (level E) changes `scene.order` or `scene.now`. What is no drill at all gives a `run` of its own.
 *    `withAndWithoutKey` adds the same fault under a seal that does not fit.
 * 3. Faults in several engines: `servicesOf(...)` makes one of each, since what is said of each differs.
 * 4. Run `npm run saboteurs -- S17` (ids, or parts of titles); with `--write` the rows that were run are put into
 *    docs/saboteurs.md, and the others stay as they are there (so that any such run also resolves a conflict in that page). A
 *    test compares it with the catalogue.
 *
 * What must not be found stands in `catalogue/benign.ts`.
 */

/** `F`: on a finished set. `S`: at the source or in the dump, and then sealed. `E`: environment, clock or drill. */
export type Level = 'F' | 'S' | 'E';

/** A good vault, the world around it, and a drill of the services that a saboteur concerns. */
export interface Scene {
  stage: Stage;
  copy: VaultCopy;
  /** The first of the services. */
  service: ServiceName;
  /** The same numbers for the same saboteur in each run. */
  random: Random;
  /** What is drilled, and how; to be changed. */
  order: DrillOrder;
  /** The moment of the drill by the wall clock; to be changed. Soon after the last backup of the stage. */
  now: Date;
  /** What the drill's clock does otherwise than this machine's. */
  clock: Partial<Clock>;
  drill(): Promise<Journal>;
  /** What `backUp` backs up, where that is not the service as it is. */
  source?: Source<unknown>;
  /** Puts something right again at the end, before the server is anybody else's. */
  defer(work: () => Promise<unknown>): void;
  /** Makes one more backup of a live service (else of `service`) into the copy; `now` is after it then. Of a service of the stage itself: for who is `live` only. */
  backUp(kind: MemberKind, what?: Partial<BackupTo> & { service?: ServiceName }): Promise<BackedUp>;
}

/** What came of a saboteur's work. `refused`: something that would have done harm did not begin, or broke off. `prevented`: see `Prevention`. */
export type Seen =
  | {
      verdict: VerdictWord;
      results: readonly CheckResult[];
      /** All that is said to people. */
      report: string;
    }
  | { verdict: 'refused'; code: ErrorCode; report: string }
  | Told;

/** What something other than a drill, such as a plan, makes of a fault. `harm`: it let it happen. */
export interface Told {
  verdict: 'prevented' | 'harm';
  report: string;
}

export interface FindingOf {
  verdict: 'fail' | 'inconclusive';
  check: CheckId;
  /** null: of the whole. */
  service: ServiceName | null;
  /** Of a finding of that check; it names the service, what is and what should be. */
  sentence: RegExp;
  /** What else the report must say, such as to when the service can be restored all the same. */
  report?: RegExp;
}

export interface Refusal {
  verdict: 'refused';
  code: ErrorCode;
  service: ServiceName | null;
  sentence: RegExp;
}

/** It is no word about a backup: something of firedrill's own keeps the fault from doing harm, and says so. */
export interface Prevention {
  verdict: 'prevented';
  /** What does, in a word or two: `the expiry`. */
  by: string;
  service: ServiceName | null;
  sentence: RegExp;
}

export type Expectation = FindingOf | Refusal | Prevention;

export interface Saboteur {
  /** Of the catalogue, such as `S31`. */
  id: `S${number}`;
  level: Level;
  /** † of the catalogue: hashes and seals were made to fit, so that they cannot tell. */
  resealed?: true;
  /** Those that are drilled. */
  services: readonly [ServiceName, ...ServiceName[]];
  /** Needs the servers of the stage, one after the other: for who changes them or backs them up. */
  live?: true;
  /** What was done, in one sentence without a full stop: `one bit of an artifact has flipped`. */
  injects: string;
  inject(scene: Scene): Promise<void>;
  expect: Expectation;
  /** Instead of a drill. */
  run?(scene: Scene): Promise<Seen>;
}

/** What is as it may be: the drill must pass. */
export interface Benign {
  services: readonly [ServiceName, ...ServiceName[]];
  /** As of a saboteur. */
  live?: true;
  /** As `injects`. */
  what: string;
  prepare(scene: Scene): Promise<void>;
}

/** One saboteur, or benign variant, of each service. */
export function servicesOf<T, N extends ServiceName>(services: readonly N[], make: (service: N) => T): T[] {
  return services.map(make);
}

const sealBroken =
  /^\w+: (artifact \S+ of \S+ (is not what was sealed: |is missing$)|the manifest of \S+ is not genuine: )/;

/** Faults of level F, with and without the key: where nothing was made to fit, the seal tells. */
export function withAndWithoutKey(saboteurs: readonly Saboteur[]): Saboteur[] {
  return saboteurs.flatMap((saboteur): Saboteur[] => {
    const { level, resealed, services, inject, ...rest } = saboteur;
    if (level !== 'F' || !resealed) return [saboteur];
    const plain: Saboteur = {
      ...{ level, services, ...rest },
      inject: async (scene) => {
        scene.copy.keyless = true;
        await inject(scene);
      },
      expect: { verdict: 'fail', check: 'manifest', service: services[0], sentence: sealBroken },
    };
    return [plain, saboteur];
  });
}

/** `S01† telegraf: one bit of an artifact has flipped`; no two have the same. */
export function titleOf({ id, resealed, services, injects }: Saboteur): string {
  return `${markOf({ id, resealed })} ${services.join(', ')}: ${injects}`;
}

export const markOf = ({ id, resealed }: Pick<Saboteur, 'id'> & { resealed?: true | undefined }) =>
  `${id}${resealed ? '†' : ''}`;

export const titleOfBenign = ({ services, what }: Benign) => `${services.join(', ')}: ${what}`;

/** Other settings of what is drilled. */
export function configure(scene: Scene, settings: object) {
  changeServices(scene, (each) => ({ ...each, settings: { ...(each.settings as object), ...settings } }));
}

export function changeServices(scene: Scene, change: (each: DrillService) => DrillService) {
  scene.order.services = scene.order.services.map(change);
}
