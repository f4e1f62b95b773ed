import { Readable } from 'node:stream';
import { dockerHost } from '../hosts/docker.ts';
import { type Docker, dockerCall } from '../hosts/docker-client.ts';
import type { Host } from '../hosts/host.ts';
import { runToEnd } from '../hosts/output.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import type { ServiceLimits } from '../model/sandbox.ts';
import type { ApplicationPlace } from './application/running-application.ts';
import { hardened, networkHolder } from './container-options.ts';
import { stackLabel, stackLabels } from './labels.ts';
import { findLabelled, removeAll, removeContainer, removeVolume } from './removal.ts';

/** What one machine is made of: enough to make it once more. Plain data. */
export interface MachinePlan {
  /** Name of its container and of its volume. */
  name: string;
  /** Id of its image. */
  image: string;
  dataFolder: string;
  env: Record<string, string>;
  start: string;
  files: Record<string, string>;
  limits: Pick<ServiceLimits, 'memoryBytes' | 'pids' | 'cpus'>;
}

export interface MachineRoomOptions {
  docker: Docker;
  id: string;
  /** After this the reaper removes it all. */
  expires: Date;
  /** While this file is there, the machines stay although the process that made them is gone. */
  keptBy: string;
}

/**
 * Machines that share one network namespace with nothing but loopback, as a pod's containers do, but go on without the process
 * that made them: labels and names find them again.
 */
export class MachineRoom {
  readonly #options: MachineRoomOptions;
  readonly #isHolder = ({ name }: { name: string }) => name === this.#holderName;

  constructor(options: MachineRoomOptions) {
    this.#options = options;
  }

  get holder(): Host {
    return this.host(this.#holderName);
  }

  get #holderName() {
    return `firedrill-${this.#options.id}-network`;
  }

  get #labels() {
    const { id, expires, keptBy } = this.#options;
    return stackLabels(id, expires, keptBy);
  }

  /** Runs tools in a machine, as its administrator. */
  host(name: string): Host {
    return dockerHost({ container: name, client: this.#options.docker });
  }

  /** What all machines share: a network without a way out. `loopbackNames` mean the stack itself. */
  async open(image: string, loopbackNames: readonly string[]): Promise<void> {
    const { docker } = this.#options;
    const container = await dockerCall('create the network of the stack', () =>
      docker.createContainer({
        ...networkHolder(image, loopbackNames),
        name: this.#holderName,
        Labels: this.#labels,
      }),
    );
    await dockerCall('start the network of the stack', () => container.start());
  }

  /** Where an application can be run beside the machines: on their loopback. */
  async applicationPlace(): Promise<ApplicationPlace> {
    const { docker, id } = this.#options;
    const prefix = `firedrill-${id}`;
    return {
      docker,
      networkOf: await this.#holderId(),
      entrance: this.holder,
      labels: this.#labels,
      prefix,
      sockets: {},
    };
  }

  async #holderId(): Promise<string> {
    const { docker } = this.#options;
    const { Id } = await dockerCall('find the network of the stack', () =>
      docker.getContainer(this.#holderName).inspect(),
    );
    return Id;
  }

  /** A machine with an empty disk, whose server waits for `server start`. */
  async raise(plan: MachinePlan): Promise<Host> {
    const { docker } = this.#options;
    const { name, image, dataFolder, env, start, files, limits } = plan;
    const holder = await this.#holderId();
    await dockerCall(`create the disk of ${name}`, () => docker.createVolume({ Name: name, Labels: this.#labels }));
    const container = await dockerCall(`create the machine ${name}`, () =>
      docker.createContainer({
        name,
        Image: image,
        Labels: this.#labels,
        User: '0:0',
        Entrypoint: ['sh', '-c', supervisor],
        Cmd: ['sh'],
        Env: Object.entries({ ...env, firedrill_start: start }).map(([key, value]) => `${key}=${value}`),
        HostConfig: {
          ...hardened(limits),
          // Whoever repairs a machine may write anywhere on it.
          ReadonlyRootfs: false,
          // An administrator's rights to files, such as those of somebody else that tar unpacks; none to the network or the kernel.
          CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
          Init: true,
          NetworkMode: `container:${holder}`,
          // An image's own content of that folder would belong to another user.
          Mounts: [
            {
              Type: 'volume',
              Source: name,
              Target: dataFolder,
              VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
            },
          ],
        },
      }),
    );
    await dockerCall(`start the machine ${name}`, () => container.start());
    const host = this.host(name);
    for (const [path, content] of Object.entries({ ...files, [serverCommand]: serverScript })) {
      const stdin = Readable.from([Buffer.from(content)]);
      await runToEnd(host, { tool: 'sh', args: ['-c', putScript, 'sh', path], stdin });
    }
    return host;
  }

  /** The machine and its disk; one that is gone is fine. */
  async remove(name: string): Promise<void> {
    const { docker } = this.#options;
    await removeContainer(docker, name);
    await removeVolume(docker, name);
  }

  /** Whether the stack's network is still up: without it there is no stack. A restart of this machine ends it. */
  async isUp(): Promise<boolean> {
    const { containers } = await this.#find();
    return containers.some((each) => this.#isHolder(each) && each.isRunning);
  }

  /** Removes everything that carries this stack's label, and tells what became of each. Safe twice. */
  async dispose(): Promise<{ what: string; ok: boolean; sentence: string }[]> {
    const removals = await removeAll(this.#options.docker, async () => {
      const { containers, volumes } = await this.#find();
      const machines = containers.filter((each) => !this.#isHolder(each));
      // Machines before the network that they have joined.
      return { containers: [...machines, ...containers.filter(this.#isHolder)], volumes };
    });
    return removals.map(({ what, error }) => ({
      ...{ what, ok: error === undefined },
      sentence: error === undefined ? `${what} was removed` : `${what} could not be removed: ${messageOf(error)}`,
    }));
  }

  #find() {
    return findLabelled(this.#options.docker, `${stackLabel}=${this.#options.id}`);
  }
}

/** Starts or stops the server of a machine, and waits until that is done. */
export async function turnServer(host: Host, order: 'start' | 'stop'): Promise<void> {
  try {
    await runToEnd(host, { tool: 'sh', args: [serverCommand, order], deadlineMs: 120_000 });
  } catch (cause) {
    throw new FiredrillError('SANDBOX_FAILED', `the server of ${host.label} could not be told to ${order}`, { cause });
  }
}

const serverCommand = '/usr/local/bin/server';

const putScript = `umask 077
mkdir -p "$(dirname "$1")"
cat > "$1"
[ "$1" != ${serverCommand} ] || chmod 755 "$1"`;

/** Keeps the machine up, and starts its server again when it has ended: a server that cannot start fails again and again. */
const supervisor = `
mkdir -p /run/firedrill
touch /run/firedrill/stopped
trap 'kill $server 2> /dev/null; exit 0' TERM
start="$firedrill_start"
unset firedrill_start
server=
while :; do
  if [ -n "$server" ] && kill -0 "$server" 2> /dev/null; then
    # Once: a second signal would make some servers break off.
    if [ -e /run/firedrill/stopped ] && [ -z "$told" ]; then kill "$server"; told=yes; fi
    sleep 0.2
  elif [ -e /run/firedrill/stopped ]; then
    server=
    rm -f /run/firedrill/pid
    sleep 0.2
  else
    [ -z "$server" ] || sleep 2
    sh -c "$start" &
    server=$!
    told=
    echo "$server" > /run/firedrill/pid
  fi
done`;

/** For whoever works on the machine. */
const serverScript = `#!/bin/sh
# Starts and stops the server of this machine. It is started again by itself when it has ended.
pid() { cat /run/firedrill/pid 2> /dev/null; }
case "$1" in
  start)
    rm -f /run/firedrill/stopped
    until [ -n "$(pid)" ]; do sleep 0.1; done ;;
  stop)
    touch /run/firedrill/stopped
    while [ -n "$(pid)" ]; do sleep 0.1; done ;;
  restart) "$0" stop && "$0" start ;;
  status) if [ -n "$(pid)" ]; then echo "it is to run (process $(pid))"; else echo 'it is stopped'; fi ;;
  *) echo 'usage: server start|stop|restart|status' >&2; exit 2 ;;
esac
`;
