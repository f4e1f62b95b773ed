import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { stackConfigText } from '../../config/stack-config.ts';
import type { DrillService } from '../../flow/drill-order.ts';
import type { Stack, StackService } from '../../flow/gameday/stack.ts';
import { PlannedRestore } from '../../flow/restore.ts';
import { ages } from '../../flow/service-drill.ts';
import { dockerCall } from '../../hosts/docker-client.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import type { Journal, ProbeRecord } from '../../model/journal.ts';
import { planRestore } from '../../model/restore-plan.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { MachineState, StackState } from '../../model/stack-state.ts';
import { type ResolvedImage, resolveImage } from '../../sandbox/images.ts';
import { assertIsolation } from '../../sandbox/isolation.ts';
import type { MachineRoom } from '../../sandbox/machines.ts';
import { reap } from '../../sandbox/reaper.ts';
import { VerifiedMember } from '../../vault/verified-member.ts';
import { compose } from '../compose.ts';
import type { Composed } from '../context.ts';
import { LiveStack, machinesOf, roomOf, type StackWorld, whyGone } from './live-stack.ts';
import { admit, newPassword, raiseMachine } from './machines.ts';
import { configName, makeStackFolder, secretName } from './stack-folder.ts';
import { readState, writeState } from './stack-state.ts';

const lifeMs = 8 * 3_600_000;
const administrator = 'gameday';

export interface StackOrder {
  /** The user's own: from its services' newest proven backups the stack is seeded. */
  config: Config;
  world: StackWorld;
  scenario: Pick<Scenario, 'services' | 'replicas' | 'reason' | 'applications'>;
  /** `20261129T103107Z-deleted-data`; names containers. */
  id: string;
  /** The game day's own; made where it is absent. */
  folder: string;
  /** Absent: the vault that the configuration names first. */
  from?: string;
  /** By the machine's own clock; absent: eight hours. */
  expires?: Date;
}

/**
 * Raises a stack: empty production-like servers, sealed from the world, into which the newest backup of each service is restored
 * as `firedrill restore` does. Throws what a restore throws; SANDBOX_FAILED when it is not sealed; USAGE for a service of
 * an engine that cannot be raised. Whatever goes wrong, and an order to stop, leave no container and no volume.
 */
export async function createStack(order: StackOrder, activity: Activity): Promise<Stack> {
  const { expires = new Date(Date.now() + lifeMs), id, folder, world } = order;
  const room = roomOf(folder, { id, expires: expires.toISOString() }, world);
  try {
    return await new Raising(order, expires, room, activity).run();
  } catch (error) {
    // The first error is the one that matters: what could not be removed now, the reaper finds by its label.
    await room.dispose().catch(() => {});
    throw error;
  }
}

/** The stack that another process has raised. USAGE when there is none in that folder; SANDBOX_FAILED when it is gone. */
export async function attachStack(folder: string, world: StackWorld): Promise<Stack> {
  const state = await readState(folder);
  const why = await whyGone(roomOf(folder, state, world));
  if (why === undefined) return LiveStack.open(folder, state, world);
  const hint = 'Begin another game day.';
  throw new FiredrillError('SANDBOX_FAILED', `the stack of ${state.id} cannot be gone on with: ${why}`, { hint });
}

/** One service on its way into the stack. */
interface Raised {
  service: DrillService;
  newest: VerifiedMember;
  image: ResolvedImage;
  password: string;
  machines: MachineState[];
}

class Raising {
  readonly #order: StackOrder;
  readonly #expires: Date;
  readonly #room: MachineRoom;
  readonly #activity: Activity;

  constructor(order: StackOrder, expires: Date, room: MachineRoom, activity: Activity) {
    this.#order = order;
    this.#expires = expires;
    this.#room = room;
    this.#activity = activity;
  }

  async run(): Promise<Stack> {
    const { config, world, folder, from, id } = this.#order;
    const users = await compose(config, world, from === undefined ? {} : { from });
    const raised = await this.#plan(users);
    await makeStackFolder(folder, new Map(raised.map(({ service, password }) => [service.service, password])));
    await this.#writeConfig(raised);
    // What is missing is said before anything is raised.
    const own = await compose(await loadConfig(join(folder, configName), world.engines, world.environment), world);
    await this.#raise(users, raised);
    // Before there is anything that could ask the world for something.
    const isolation = await this.#assertSealed(users);
    await this.#all(raised, (each) => this.#seed(each, users, own));
    const services = await Promise.all(raised.map((each) => this.#look(each, own)));
    const machines = raised.flatMap((each) => each.machines);
    const expires = this.#expires.toISOString();
    const state: StackState = { format: 'firedrill-stack', version: 1, id, expires, services, machines, isolation };
    await writeState(folder, state);
    return LiveStack.open(folder, state, world);
  }

  /** All work comes to its end before anything is removed. */
  async #all<T>(raised: readonly Raised[], work: (each: Raised) => Promise<T>): Promise<void> {
    const done = await Promise.allSettled(raised.map(work));
    const failed = done.find((each) => each.status === 'rejected');
    if (this.#activity.signal.aborted)
      throw new FiredrillError(
        'INTERRUPTED',
        'the stack was not raised to its end; its containers and volumes were removed',
      );
    if (failed) throw failed.reason;
  }

  async #plan(users: Composed): Promise<Raised[]> {
    const { scenario } = this.#order;
    const { services, docker, pull, vault, trusted } = users.drillOrder('gameday', scenario.services);
    await dockerCall('ask for the version', () => docker.version());
    await reap(docker, new Date());
    const { members } = await vault.list();
    const raised: Raised[] = [];
    for (const service of services) {
      const { engine } = service;
      const listed = planRestore(members, service.service, this.#activity.clock.now()).chain.at(-1);
      if (!listed)
        throw new FiredrillError('NO_SUCH_SET', `vault ${vault.label} holds no backup of ${service.service}`);
      const newest = await VerifiedMember.open(vault, listed, trusted);
      const image = await resolveImage(docker, service.imageFor(newest.manifest.source.engineVersion), pull);
      const index = raised.filter((each) => each.service.engine.name === engine.name).length;
      const machines = await this.#machines(service, newest, image, index);
      raised.push({ service, newest, image, password: newPassword(machinesOf(engine)), machines });
    }
    return raised;
  }

  async #machines(
    service: DrillService,
    newest: VerifiedMember,
    image: ResolvedImage,
    index: number,
  ): Promise<MachineState[]> {
    const { scenario, id } = this.#order;
    const machines = machinesOf(service.engine);
    const wantsReplica = scenario.replicas.includes(service.service);
    if (wantsReplica && !machines.follow) {
      throw new FiredrillError('USAGE', `${service.engine.title} has no replicas that could be raised`);
    }
    const roles: MachineState['role'][] = wantsReplica ? ['first', 'replica'] : ['first'];
    return Promise.all(
      roles.map(async (role) => {
        const place = { service: service.service, index, role };
        const { memoryBytes, pids, cpus } = service.limits;
        const recipe = await machines.recipe(place, newest, service.settings, service.limits);
        const { initialise, ...rest } = recipe;
        const name = `firedrill-${id}-${service.service}${role === 'replica' ? '-replica' : ''}`;
        const plan = { ...rest, name, image: image.id, limits: { memoryBytes, pids, cpus } };
        return { ...place, user: administrator, initialise, plan };
      }),
    );
  }

  async #writeConfig(raised: readonly Raised[]) {
    const { config, folder, scenario } = this.#order;
    const services = raised.flatMap(({ service, machines: [first] }) => {
      if (!first) return [];
      const settings = machinesOf(service.engine).settings(first, first.user, secretName(service.service));
      return [{ service: service.service, container: first.plan.name, settings }];
    });
    const text = stackConfigText(await readFile(config.file, 'utf8'), config.file, services, scenario.applications);
    await writeFile(join(folder, configName), text, { mode: 0o600 });
  }

  async #raise(users: Composed, raised: readonly Raised[]) {
    const { loopbackNames } = users.drillOrder('gameday', []);
    await this.#room.open(raised[0]?.image.id ?? '', loopbackNames);
    await this.#all(raised, async ({ service, machines, password }) => {
      // A replica follows what is there already.
      for (const each of machines) {
        await raiseMachine(this.#room, each, machinesOf(service.engine), password, this.#activity);
      }
    });
  }

  /** As `firedrill restore` does it: proven in the sealed pod first, then carried. */
  async #seed({ service, machines: [first], password }: Raised, users: Composed, own: Composed) {
    const { scenario, folder } = this.#order;
    const { service: name, engine } = service;
    const stacked = own.services.find((each) => each.service === name);
    if (!first || !stacked) throw new FiredrillError('INTERNAL', `the stack has no machine of ${name}`);
    await using target = await stacked.connect();
    const drill = { ...users.drillOrder('gameday-seed', [name]), also: [], walkBack: 0 };
    const planned = await PlannedRestore.make(
      {
        ...{ drill, target, targetName: 'the stack', reason: scenario.reason, unproven: false },
        safetyFolder: join(folder, 'safety-copies'),
        signingKey: own.signingKey,
        timeZone: users.timeZone,
        goBack: () => 'firedrill gameday',
      },
      this.#activity,
    );
    const { journal, error } = await planned.run(false, this.#activity);
    if (error) throw error;
    if (journal.restore?.outcome !== 'restored') {
      const sentence = `the newest backup of ${name} cannot be the start of a game day: ${troubleOf(journal)}`;
      throw new FiredrillError('RESTORE_FAILED', sentence, { hint: `Run: firedrill drill --service ${name}` });
    }
    const machines = machinesOf(engine);
    if (machines.restoredWhile === 'stopped')
      await admit(this.#room.host(first.plan.name), first, machines, password, this.#activity);
  }

  async #look({ service, image, machines: [first, second] }: Raised, own: Composed): Promise<StackService> {
    const { service: name, engine } = service;
    const stacked = own.services.find((each) => each.service === name);
    if (!first || !stacked) throw new FiredrillError('INTERNAL', `the stack has no machine of ${name}`);
    await using source = await stacked.connect();
    return {
      ...{ service: name, engine: engine.name, title: engine.title, image: image.name },
      ...{ container: first.plan.name, replica: second?.plan.name ?? null },
      ...(await machinesOf(engine).look(source, this.#activity)),
    };
  }

  async #assertSealed(users: Composed): Promise<ProbeRecord[]> {
    const { docker, isolation } = users.drillOrder('gameday', []);
    const { result, probes } = await assertIsolation(docker, this.#room.holder, isolation);
    if (result.outcome === 'pass') return probes;
    const detail = result.findings.map(({ sentence }) => sentence);
    throw new FiredrillError('SANDBOX_FAILED', 'the stack is not sealed from the world; it was removed', { detail });
  }
}

/** The first finding that kept a restore from the target; a backup's age does not. */
function troubleOf({ checks, restore, verdict }: Journal): string {
  const bad = [...checks, ...(restore?.checks ?? [])].filter(
    ({ check, outcome }) => !['pass', 'warning'].includes(outcome) && check !== 'rto' && !ages.has(check),
  );
  return bad.flatMap(({ findings }) => findings)[0]?.sentence ?? verdict.sentence;
}
