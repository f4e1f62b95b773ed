import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Carried, Carrier, Standing } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import { compactInstant } from '../kit/clock.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import type { RestoreRecord } from '../model/journal.ts';
import { directoryVault } from '../vault/directory.ts';
import { backUp } from './backup.ts';
import { judge } from './drill.ts';
import type { Rehearsal } from './rehearsal.ts';
import { type RestoreOrder, serviceOf } from './restore-order.ts';
import { ages } from './service-drill.ts';

/** The second half: from the proven pod into the target. */
export class Carriage {
  /** Whether the state in the pod was good enough to go on from. */
  wasReached = false;
  /** The checks in the pod had passed; else somebody insisted. */
  wasProven = false;
  hasBegun = false;
  error: FiredrillError | null = null;
  carried: Carried | null = null;
  safetyCopy: RestoreRecord['safetyCopy'] = null;
  carryMs: number | null = null;
  /** What parts are put into, beside the live data. */
  #begunAt: string | undefined;
  readonly #order: RestoreOrder;
  readonly #carrier: Carrier<unknown>;
  readonly #standing: Standing<unknown>;
  readonly #replace: boolean;
  readonly #rehearsal: Rehearsal;
  readonly #activity: Activity;

  constructor(
    order: RestoreOrder,
    carrier: Carrier<unknown>,
    standing: Standing<unknown>,
    replace: boolean,
    rehearsal: Rehearsal,
    activity: Activity,
  ) {
    this.#order = order;
    this.#carrier = carrier;
    this.#standing = standing;
    this.#replace = replace;
    this.#rehearsal = rehearsal;
    this.#activity = activity;
  }

  async run(): Promise<void> {
    const [service] = this.#rehearsal.services;
    this.wasProven = this.#isProven();
    if (!service?.restored || !(this.wasProven || this.#order.unproven)) return;
    this.wasReached = true;
    const startedMs = this.#activity.clock.monotonicMs();
    try {
      if (this.#isReplacing) await this.#keepWhatIsThere();
      this.carried = await this.#carry();
      this.safetyCopy ??= this.carried.kept ?? null;
      this.carryMs = this.#activity.clock.monotonicMs() - startedMs;
    } catch (error) {
      this.error = this.#explain(error);
    }
  }

  /** The age of a backup, and the time that it took, are no reasons to leave a service down. */
  #isProven(): boolean {
    return judge(this.#order.drill, this.#rehearsal, [], undefined).every(
      ({ check, outcome }) => ['pass', 'warning'].includes(outcome) || check === 'rto' || ages.has(check),
    );
  }

  get #isReplacing(): boolean {
    return !this.#order.parts && this.#standing.holds.length > 0;
  }

  async #keepWhatIsThere() {
    const source = this.#standing.backUpAs;
    if (!source) return;
    const { safetyFolder, timeZone, goBack, drill } = this.#order;
    const { engine } = serviceOf(this.#order);
    const folder = join(safetyFolder, `${compactInstant(this.#activity.clock.now())}-${source.service}`);
    await makeFolder(folder);
    const signingKey = await this.#order.signingKey();
    const vault = directoryVault('of safety copies', folder);
    const activity = this.#rehearsal.watch.activityOf(source.service, this.#activity.signal);
    const order = { engine, source, vault, signingKey, timeZone, kind: 'full' } as const;
    await this.#rehearsal.watch.phase('safety copy', drill.services[0]?.service ?? null, () => backUp(order, activity));
    this.safetyCopy = { where: folder, goBack: goBack(folder) };
  }

  #carry(): Promise<Carried> {
    const { target, parts } = this.#order;
    const [service] = this.#rehearsal.services;
    const restored = service?.restored;
    if (!service || !restored) throw new FiredrillError('INTERNAL', 'nothing was restored that could be carried');
    const stamp = compactInstant(this.#activity.clock.now());
    const begin = (place?: string) => {
      this.hasBegun = true;
      this.#begunAt = place;
    };
    const wanted = parts ? { parts } : {};
    const job = { target, chain: service.chain, restored, replace: this.#replace, stamp, begin, ...wanted };
    const activity = this.#rehearsal.watch.activityOf(service.service, this.#activity.signal);
    return this.#rehearsal.watch.phase('carry', service.service, () => this.#carrier.carry(job, activity));
  }

  #explain(error: unknown): FiredrillError {
    const known = error instanceof FiredrillError ? error : undefined;
    const code = known?.code ?? 'INTERNAL';
    const { targetName } = this.#order;
    if (!this.hasBegun) {
      const more = { cause: error, ...(known ? { hint: known.hint, detail: known.detail } : {}) };
      return new FiredrillError(code, `nothing was changed at ${targetName}: ${messageOf(error)}`, more);
    }
    const detail = known?.detail ?? [];
    if (this.#order.parts) {
      const beside = this.#begunAt ?? 'what was put beside it';
      const sentence = `the restore into ${targetName} broke off: the live data is as it was, and ${beside} is not whole: ${messageOf(error)}`;
      const hint = `Mend the cause, then run the same command again: it begins anew, beside. If it is there, remove: ${beside}`;
      return new FiredrillError(code, sentence, { cause: error, hint, detail });
    }
    const sentence = `the restore into ${targetName} broke off, and what stands there is not whole: ${messageOf(error)}`;
    const back = this.safetyCopy ? ` Or go back: ${this.safetyCopy.goBack}` : '';
    const hint = `Mend the cause, then run the same command again, with --replace.${back}`;
    return new FiredrillError(code, sentence, { cause: error, hint, detail });
  }
}

async function makeFolder(folder: string) {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const sentence = `no folder for the safety copy could be made: ${messageOf(cause)}`;
    throw new FiredrillError('FILE_WRITE', sentence, { cause });
  }
}
