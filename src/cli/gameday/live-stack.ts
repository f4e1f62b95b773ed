import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import { loadConfig } from '../../config/load.ts';
import type { AnyEngine } from '../../engines/engine.ts';
import type { Machines } from '../../engines/machine.ts';
import { askLive } from '../../flow/gameday/ask.ts';
import type { Stack, StackService } from '../../flow/gameday/stack.ts';
import { tryApplication } from '../../flow/try-application.ts';
import { runToEnd } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError, messageOf } from '../../kit/errors.ts';
import { count } from '../../kit/text.ts';
import type { AskedRecord } from '../../model/gameday-journal.ts';
import { applicationCheck } from '../../model/gameday-record.ts';
import type { ProbeRecord } from '../../model/journal.ts';
import type { Action, ScenarioCheck } from '../../model/scenario.ts';
import type { MachineState, StackState } from '../../model/stack-state.ts';
import { MachineRoom } from '../../sandbox/machines.ts';
import { directoryVault } from '../../vault/directory.ts';
import { runBackup } from '../backup.ts';
import { compose, lazyDocker, type Surroundings } from '../compose.ts';
import type { Composed, ComposedService } from '../context.ts';
import { runSync } from '../sync.ts';
import { corruptNewest } from './corrupt.ts';
import { raiseMachine } from './machines.ts';
import { configName, passwordOf } from './stack-folder.ts';
import { stateFile } from './stack-state.ts';

/** What a stack needs of the program that works with it. */
export interface StackWorld extends Surroundings {
  environment: Environment;
}

const scriptMs = 600_000;

/** A stack that was raised, by this process or by another one. */
export class LiveStack implements Stack {
  readonly folder: string;
  readonly configFile: string;
  readonly services: readonly StackService[];
  readonly isolation: readonly ProbeRecord[];
  readonly #state: StackState;
  readonly #config: Config;
  readonly #composed: Composed;
  readonly #room: MachineRoom;

  private constructor(folder: string, state: StackState, config: Config, composed: Composed, world: StackWorld) {
    this.folder = folder;
    this.configFile = config.file;
    this.services = state.services;
    this.isolation = state.isolation;
    this.#state = state;
    this.#config = config;
    this.#composed = composed;
    this.#room = roomOf(folder, state, world);
  }

  static async open(folder: string, state: StackState, world: StackWorld): Promise<LiveStack> {
    const config = await loadConfig(join(folder, configName), world.engines, world.environment);
    return new LiveStack(folder, state, config, await compose(config, world), world);
  }

  async act(action: Action, activity: Activity): Promise<void> {
    switch (action.do) {
      case 'statements':
        return this.#run(action.service, action.text, activity);
      case 'script':
        return this.#script(action.service, action.text, activity);
      case 'backup':
        return this.#backUp(action.services, action.full, activity);
      case 'sync':
        return this.#sync(activity);
      case 'lose':
        return this.#room.remove(this.#machine(action.service, action.replica ? 'replica' : 'first').plan.name);
      case 'lose-vault':
        return this.#loseVault(action.vault);
      case 'corrupt': {
        const { folder } = this.#vault(action.vault);
        await corruptNewest(directoryVault(action.vault, folder), folder, action.service);
      }
    }
  }

  /** Where a replica follows the service it is made anew as well: it could not follow an empty server. */
  async rebuild(service: string, activity: Activity): Promise<void> {
    const machines = this.#machinesOf(service);
    const password = await passwordOf(this.folder, service);
    for (const state of this.#state.machines.filter((each) => each.service === service)) {
      await this.#room.remove(state.plan.name);
      await raiseMachine(this.#room, state, machines, password, activity);
    }
  }

  async ask(
    checks: readonly ScenarioCheck[],
    before: readonly AskedRecord[] | undefined,
    activity: Activity,
  ): Promise<AskedRecord[]> {
    const services = [...new Set(checks.map(({ service }) => service))];
    const asked = await Promise.all(
      services.map(async (name) => {
        const { engine, connect } = this.#service(name);
        if (!engine.questions) throw new FiredrillError('USAGE', `${engine.title} cannot be asked anything`);
        await using source = await connect();
        await using asker = engine.questions.openLive(source, activity);
        const own = checks.filter(({ service }) => service === name);
        return await askLive(own, asker, before, activity.signal);
      }),
    );
    // In the order of the checks, whoever answered first.
    const all = asked.flat();
    return checks.flatMap(
      (check) => all.find(({ service, name }) => service === check.service && name === check.name) ?? [],
    );
  }

  async tryApplications(names: readonly string[], activity: Activity): Promise<AskedRecord[]> {
    const records: AskedRecord[] = [];
    for (const name of names) records.push(await this.#tryApplication(name, activity));
    return records;
  }

  async #tryApplication(name: string, activity: Activity): Promise<AskedRecord> {
    const application = this.#config.applications.find((each) => each.application === name);
    if (!application) throw new FiredrillError('USAGE', `the stack knows no application ${name}`);
    await using entrances = new AsyncDisposableStack();
    const access = async (service: string) => {
      const { engine, connect } = this.#service(service);
      if (!engine.entrance?.openLive) {
        throw new FiredrillError('USAGE', `${engine.title} lets no application in on a game day`);
      }
      const source = entrances.use(await connect());
      return entrances.use(await engine.entrance.openLive(source, application.logins[service], activity)).access;
    };
    const trouble = async () => {
      const why = await whyGone(this.#room);
      return why === undefined ? undefined : new FiredrillError('SANDBOX_FAILED', `the stack does not go on: ${why}`);
    };
    const { pull } = this.#config.drill;
    const stage = { place: await this.#room.applicationPlace(), pull, access, trouble };
    const { result, record } = await tryApplication(application, stage, activity);
    const { taken, expected } = record.steps;
    return {
      ...{ service: name, name: applicationCheck, holds: result.outcome === 'pass' },
      expected: `ready, and ${count(expected, 'step')}`,
      found: result.findings[0]?.sentence ?? `ready, and ${count(taken, 'step')}`,
    };
  }

  async dispose(): Promise<{ what: string; ok: boolean; sentence: string }[]> {
    const said = await this.#room.dispose();
    // From here on nobody takes it for a stack that is there.
    if (said.every(({ ok }) => ok)) await rm(stateFile(this.folder), { force: true });
    return said;
  }

  #service(name: string): ComposedService {
    const found = this.#composed.services.find(({ service }) => service === name);
    if (found) return found;
    const known = this.services.map(({ service }) => service).join(', ');
    throw new FiredrillError('USAGE', `the stack has no service ${name}; it has ${known}`);
  }

  #machinesOf(name: string): Machines<unknown> {
    return machinesOf(this.#service(name).engine);
  }

  #machine(service: string, role: MachineState['role']): MachineState {
    this.#service(service);
    const found = this.#state.machines.find((each) => each.service === service && each.role === role);
    if (found) return found;
    throw new FiredrillError('USAGE', `the stack has no ${role === 'replica' ? 'replica' : 'machine'} of ${service}`);
  }

  #vault(label: string) {
    const found = this.#config.vaults.find((each) => each.label === label);
    if (found) return found;
    const known = this.#config.vaults.map((each) => each.label).join(', ');
    throw new FiredrillError('USAGE', `the stack has no vault ${label}; it has ${known}`);
  }

  async #run(service: string, text: string, activity: Activity) {
    const { engine, connect } = this.#service(service);
    const { run } = machinesOf(engine);
    if (!run) {
      const hint = 'Use `do: script` in the scenario instead.';
      throw new FiredrillError('USAGE', `${engine.title} has no statements that could be run`, { hint });
    }
    await using source = await connect();
    await run(source, text, activity);
  }

  async #script(service: string, text: string, { signal }: Activity) {
    const host = this.#room.host(this.#machine(service, 'first').plan.name);
    await runToEnd(host, { tool: 'sh', args: ['-c', text], signal, deadlineMs: scriptMs });
  }

  async #backUp(names: readonly string[], full: boolean, { signal, clock }: Activity) {
    const { failed } = await runBackup(this.#composed, { names, full }, signal, true, clock);
    if (failed[0]) throw failed[0].error;
  }

  async #sync({ signal, clock }: Activity) {
    const outcomes = await runSync(this.#composed, { names: [], despiteLoss: false }, signal, true, clock);
    const trouble = outcomes.flatMap(({ stopped, refused }) => [
      ...(stopped ? [stopped] : []),
      ...refused.map((each) => each.error),
    ]);
    if (trouble[0]) throw trouble[0];
  }

  /** The folder stays, empty: not even the mark of a vault is there. */
  async #loseVault(label: string) {
    const { folder } = this.#vault(label);
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** How an engine's services live in a stack; USAGE where they cannot. */
export function machinesOf(engine: AnyEngine): Machines<unknown> {
  if (engine.machines) return engine.machines;
  throw new FiredrillError('USAGE', `${engine.title} cannot be raised in the stack of a game day yet`);
}

export function roomOf(folder: string, { id, expires }: Pick<StackState, 'id' | 'expires'>, world: Surroundings) {
  const docker = lazyDocker(world)();
  return new MachineRoom({ docker, id, expires: new Date(expires), keptBy: stateFile(folder) });
}

/** Why a stack cannot be gone on with, or undefined. */
export async function whyGone(room: MachineRoom): Promise<string | undefined> {
  try {
    return (await room.isUp()) ? undefined : 'its containers are gone, or were stopped';
  } catch (error) {
    if (isFiredrillError(error, 'DOCKER_UNAVAILABLE')) throw error;
    return messageOf(error);
  }
}
