import type { Objectives } from '../model/objectives.ts';
import type { ServiceLimits } from '../model/sandbox.ts';

export interface SshReach {
  host: string;
  port: number;
  user: string;
  identityFile: string | undefined;
  agentSocket: string | undefined;
}

export type Reach =
  | { kind: 'local' }
  | { kind: 'docker'; container: string }
  | ({ kind: 'ssh'; knownHostsFile: string } & SshReach);

export type VaultConfig = {
  label: string;
  folder: string;
  /** age public keys; none: not encrypted. */
  recipients: readonly string[];
  ageIdentityFile: string | undefined;
  /** In the place of the services' own; undefined: as they say. */
  retentionDays: number | undefined;
  /** Whether it may lie on the first vault's disk or machine. */
  sameMachineAllowed: boolean;
} & (
  | { kind: 'directory' }
  | {
      kind: 'sftp';
      ssh: SshReach;
      /** A file, or the lines of one. */
      knownHosts: string | readonly string[];
      bytesPerSecond: number | undefined;
    }
);

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

/** A server that a restore may write to. */
export interface TargetConfig {
  target: string;
  engine: string;
  reach: Reach;
  /** As the engine's schema gave it; secrets are resolved. */
  settings: unknown;
}

/** Every place that firedrill reaches, with its path in the configuration. */
export function reachesOf({ services, targets }: Pick<Config, 'services' | 'targets'>): [path: string, Reach][] {
  return [
    ...services.map(({ service, reach }): [string, Reach] => [`services.${service}.reach`, reach]),
    ...targets.map(({ target, reach }): [string, Reach] => [`targets.${target}.reach`, reach]),
  ];
}

/** The configuration: durations in ms, sizes in bytes, paths absolute, secrets read. */
export interface Config {
  file: string;
  timeZone: string;
  signingKeyFile: string | undefined;
  trustedKeyFiles: readonly string[];
  /** Keys that stand in the configuration itself, in PEM form. */
  trustedKeyTexts: readonly string[];
  /** Signs receipts of drills. */
  ledgerKeyFile: string | undefined;
  ledgerPublicFiles: readonly string[];
  /** The first is where backups are made. */
  vaults: readonly VaultConfig[];
  services: readonly ServiceConfig[];
  targets: readonly TargetConfig[];
  /** Where a restore puts what it is about to replace. */
  safetyFolder: string;
  drill: {
    rtoMs: number;
    /** engine → image, or engine → version → image. */
    images: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    pull: 'missing' | 'never';
    isolation: { addresses: readonly string[]; names: readonly string[] };
    loopbackNames: readonly string[];
    from: 'onsite' | 'offsite' | 'alternate';
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
