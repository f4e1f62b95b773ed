import type { Cron } from '../kit/cron.ts';
import type { Application } from '../model/application.ts';
import type { MailAddress } from '../model/mail-address.ts';
import type { Objectives } from '../model/objectives.ts';
import type { OwnCheck } from '../model/own-check.ts';
import type { ServiceLimits } from '../model/sandbox.ts';
import type { Secret } from '../model/secret.ts';
import type { tlsModes, weekdays } from './notify-schema.ts';

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
  checks: readonly OwnCheck[];
  /** In ms since 1970: what was before is no norm for what comes after. */
  usualSinceMs: number | undefined;
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

/** What may be kept like a secret: its text, or where that is. */
export type Kept = string | Secret;

export interface SmtpConfig {
  host: string;
  port: number;
  tls: (typeof tlsModes)[number];
  /** Certificates that are trusted beside those of the system. */
  caFile: string | undefined;
  login: { user: string; password: Secret } | undefined;
  timeLimitMs: number;
}

export interface MailConfig {
  from: MailAddress;
  to: readonly MailAddress[];
  /** Who must act when a drill fails. */
  responsible: string;
  on: 'always' | 'failure';
  digest: (typeof weekdays)[number] | undefined;
  attachmentLimitBytes: number;
  /** For how long a mail that was put off is tried again. */
  patienceMs: number;
  smtp: SmtpConfig;
}

export interface NotifyConfig {
  /** By kind of job. */
  pings: Readonly<Partial<Record<'drill' | 'backup' | 'sync' | 'expire', Kept>>>;
  webhook: { url: Kept; token: Secret | undefined; on: 'always' | 'failure' } | undefined;
  textfile: string | undefined;
  metrics: { host: string; port: number } | undefined;
  timeLimitMs: number;
}

/** When what happens, in the configured time zone; null: never. */
export interface SchedulesConfig {
  full: Cron | null;
  incremental: Cron | null;
  /** Of the services whose RPO is under a day. */
  hourly: Cron | null;
  sync: Cron | 'after-backup' | null;
  drill: Cron | null;
  expire: Cron | 'after-drill' | null;
  buildingBurned: { when: Cron; from: string; identityFile: string } | null;
  deadlines: { backupMs: number; syncMs: number; drillMs: number; expireMs: number };
  stateFolder: string;
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
  /** Run on what a drill has restored. */
  applications: readonly Application[];
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
  /** Where a company's own scenarios of game days lie; it need not be there. */
  scenariosFolder: string;
  /** What game days leave. */
  gameDaysFolder: string;
  /** undefined: no mail is sent. */
  mail: MailConfig | undefined;
  /** undefined: nobody is told beside mail. */
  notify: NotifyConfig | undefined;
  schedules: SchedulesConfig;
}
