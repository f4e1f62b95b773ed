import type { Host } from '../hosts/host.ts';
import type { Activity } from '../kit/activity.ts';
import type { Json } from '../kit/json.ts';
import type { OpenMember } from '../model/member.ts';
import type { ServiceLimits } from '../model/sandbox.ts';
import type { Source } from './engine.ts';

/** Where a server lives in a game day's stack: a container that stands for a machine. All of a stack share one loopback. */
export interface MachinePlace {
  service: string;
  /** Among the machines of this engine, from 0: by it their ports keep apart. */
  index: number;
  role: 'first' | 'replica';
}

export interface MachineLogin {
  /** An administrator of the stack's own. */
  user: string;
  password: string;
}

/** How a server is run in its machine. Plain data; no secret of the stack is in it. */
export interface MachineRecipe {
  /** Absolute path: its own volume is mounted there, empty at first. */
  dataFolder: string;
  /** Written before the first start: absolute path → content. */
  files: Record<string, string>;
  env: Record<string, string>;
  /** A shell script that makes an empty server; it is run once, before the first start. */
  initialise: string;
  /** A shell script that becomes the server. It is run again whenever the server has ended. */
  start: string;
}

/** How an engine's services live in the stack of a game day: production-like servers, with everything an operator would find. */
export interface Machines<Settings> {
  /** What a whole can be restored into: a server that runs, or the machine of one that was stopped. */
  readonly restoredWhile: 'running' | 'stopped';
  /** `newest`: what will be restored into it; a server is made to fit it. */
  recipe(place: MachinePlace, newest: OpenMember, settings: Settings, limits: ServiceLimits): Promise<MachineRecipe>;
  /**
   * What the service's settings say in the stack's configuration: over those of the user; null: left out there.
   * @param secretFile of the login's password
   */
  settings(place: MachinePlace, user: string, secretFile: string): Record<string, Json>;
  /** Makes a random secret a password of this engine's form; absent: it is one as it is. */
  password?(secret: string): string;
  /** Gives the server its administrator, and waits until it answers. It runs only from when `start` is called. */
  admit(
    host: Host,
    place: MachinePlace,
    login: MachineLogin,
    start: () => Promise<void>,
    activity: Activity,
  ): Promise<void>;
  /** Makes the replica on `host` follow the machine of its service; absent: no replica of this engine can be raised. */
  follow?(host: Host, place: MachinePlace, login: MachineLogin, activity: Activity): Promise<void>;
  /** What answers there. SOURCE_UNREACHABLE when nothing does. */
  look(source: Source<Settings>, activity: Activity): Promise<{ engineVersion: string; standIn: boolean }>;
  /** Runs statements by the engine's own client, as its administrator; absent: it has none. TOOL_FAILED, with what it said. */
  run?(source: Source<Settings>, statements: string, activity: Activity): Promise<void>;
}
