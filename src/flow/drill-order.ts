import type { AnyEngine } from '../engines/engine.ts';
import type { Docker } from '../hosts/docker-client.ts';
import type { Application } from '../model/application.ts';
import type { MemberRef } from '../model/backup-set.ts';
import type { Objectives } from '../model/objectives.ts';
import type { OwnCheck } from '../model/own-check.ts';
import type { PastMember } from '../model/past-members.ts';
import type { TimedDrill } from '../model/restore-estimate.ts';
import type { ServiceLimits } from '../model/sandbox.ts';
import type { IsolationTargets } from '../sandbox/isolation.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { ReadableVault } from '../vault/vault.ts';

/** One service as a drill sees it: from the configuration, never from the backup. */
export interface DrillService {
  service: string;
  engine: AnyEngine;
  settings: unknown;
  objectives: Objectives;
  /** null: the newest event may be of any age. */
  quietMs: number | null;
  /** The host's label that backups of this service carry. */
  host: string;
  limits: ServiceLimits;
  /** The user's own; absent: none. */
  checks?: readonly OwnCheck[];
  /** In ms since 1970: backups from before then are no norm for later ones; absent: all are. */
  usualSinceMs?: number | undefined;
  /** The image for the engine version that the manifest records. */
  imageFor(engineVersion: string): string;
}

export interface DrillOrder {
  name: string;
  vault: ReadableVault;
  trusted: readonly TrustedKey[];
  services: readonly DrillService[];
  rtoMs: number;
  docker: Docker;
  pull: 'missing' | 'never';
  isolation: IsolationTargets;
  /** Host names that restored services use for one another: mapped to the pod itself. */
  loopbackNames: readonly string[];
  /** Restore what was newest then, and judge ages against that moment; default: now. */
  asOf?: Date;
  /** Restore the one service to just before this change, by the engine's own name for it (a GTID), whatever its age. */
  before?: string;
  /** When this vault was drilled last: gaps between restore points are judged from then on; absent: they are not. */
  since?: Date;
  /** What earlier drills have verified, to tell what is unusual; absent: that is not judged. */
  past?: readonly PastMember[];
  /** What earlier drills took, the newest first: the restore's time is estimated by them beforehand; absent: it is not. */
  earlier?: readonly TimedDrill[];
  /** Restore exactly this point of the one service, whatever its age. */
  point?: MemberRef;
  /** false: the user's own checks are not asked. */
  ownChecks?: boolean;
  /** Run on what was restored, after all checks; absent: none. They write into it: never where it is carried on. */
  applications?: readonly Application[];
  /** Older points that are restored as well, each service by itself. */
  also: readonly OlderPoint[];
  /** How many older points are tried, at most, in search of the last good one of a service that failed. */
  walkBack: number;
  /** Plants a fault into a copy of one service's backup, chosen by this seed (32 bits), and looks whether it is found. */
  plantedSeed?: number;
}

/** `random`: any older point; `longest`: the end of the week's longest chain, where it is not the newest. */
export type OlderPoint = 'random' | 'longest';
