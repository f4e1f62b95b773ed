import type { Objectives } from '../model/objectives.ts';
import type { ServiceLimits } from '../model/sandbox.ts';

export type Reach =
  | { kind: 'local' }
  | { kind: 'docker'; container: string }
  | {
      kind: 'ssh';
      host: string;
      port: number;
      user: string;
      identityFile: string | undefined;
      agentSocket: string | undefined;
      knownHostsFile: string;
    };

export interface ServiceConfig {
  service: string;
  engine: string;
  reach: Reach;
  objectives: Objectives;
  /** undefined: the engine's own; null: any. */
  quietMs: number | null | undefined;
  limits: ServiceLimits;
  /** Whether a heartbeat is written into the source before a backup. */
  heartbeat: boolean;
  /** As the engine's schema gave it; secrets are resolved. */
  settings: unknown;
}

/** The configuration: durations in ms, sizes in bytes, paths absolute, secrets read. */
export interface Config {
  file: string;
  timeZone: string;
  signingKeyFile: string | undefined;
  trustedKeyFiles: readonly string[];
  vaults: readonly { label: string; kind: 'directory'; folder: string }[];
  services: readonly ServiceConfig[];
  drill: {
    rtoMs: number;
    /** engine → image, or engine → version → image. */
    images: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    pull: 'missing' | 'never';
    isolation: { addresses: readonly string[]; names: readonly string[] };
    loopbackNames: readonly string[];
    also: readonly ('random' | 'longest')[];
    walkBack: number;
    planted: boolean;
  };
  reportsFolder: string;
  /** Names of the schedules that there are; undefined when nothing is said about schedules. */
  schedules: readonly string[] | undefined;
  /** Keys that are judged, and then not used by this version. */
  unused: readonly string[];
}
