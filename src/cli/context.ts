import type { KeyObject } from 'node:crypto';
import type { AnyEngine, Source } from '../engines/engine.ts';
import type { DrillOrder } from '../flow/drill-order.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { Application } from '../model/application.ts';
import type { Objectives } from '../model/objectives.ts';
import type { SyncedService } from '../model/sync-plan.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { Vault } from '../vault/vault.ts';

/** A configured service with its engine; its source is connected when it is asked for. */
export interface ComposedService {
  service: string;
  engine: AnyEngine;
  /** Whether a heartbeat is to be written before a backup. */
  heartbeat: boolean;
  objectives: Objectives;
  connect(): Promise<Source<unknown> & AsyncDisposable>;
}

/** A configured vault; nothing of it is read before it is opened. */
export interface ComposedVault {
  label: string;
  /** Whether it may lie on the first one's disk or machine. */
  sameMachineAllowed: boolean;
  /** In the place of the services' own; undefined: as they say. */
  retentionDays: number | undefined;
  open(): Promise<Vault>;
}

/** A configured server that a restore may write to. */
export interface ComposedTarget {
  target: string;
  /** The engine's name: services of other engines cannot be restored there. */
  engine: string;
  connect(service: string): Promise<Source<unknown> & AsyncDisposable>;
}

/** To when a drill restores, since when gaps are judged, and what is left to chance. */
export type DrillMoment = Pick<
  DrillOrder,
  'asOf' | 'before' | 'since' | 'past' | 'earlier' | 'point' | 'plantedSeed' | 'applications'
>;

/** The configuration as the flows want it. Made by compose.ts. */
export interface Composed {
  timeZone: string;
  /** The one that is worked with. */
  vault: Vault;
  /** All, the first one first: there backups are made. */
  vaults: readonly ComposedVault[];
  trusted: readonly TrustedKey[];
  /** Reads the private key when it is needed: drills and listings do without it. */
  signingKey(): Promise<KeyObject>;
  /** Reads the key that signs receipts of drills; undefined when none is configured. */
  ledgerKey(): Promise<KeyObject | undefined>;
  services: readonly ComposedService[];
  drillOrder(name: string, services: readonly string[], moment?: DrillMoment): DrillOrder;
  /** Run on what a drill has restored; never on what a restore carries on. */
  applications: readonly Application[];
  targets: readonly ComposedTarget[];
  /** Backups of what restores were about to replace. */
  safetyFolder: string;
  /** Where runs remember what only saves time; it may not be there yet. */
  stateFolder: string;
  reportsFolder: string;
  /** Whether each drill plants a fault. */
  planted: boolean;
}

/** The services that were named on the command line, or all; USAGE for one that is not configured. */
export function chosenServices(composed: Composed, names: readonly string[]): ComposedService[] {
  const known = composed.services.map((each) => each.service);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new FiredrillError('USAGE', `there is no service ${unknown.join(', ')}; configured are ${known.join(', ')}`);
  }
  return composed.services.filter((each) => names.length === 0 || names.includes(each.service));
}

/** Services, and for how long the first vault, where backups are made, keeps them. */
export function keptServices({ vaults: [first] }: Composed, services: readonly ComposedService[]): SyncedService[] {
  return services.map(({ service, objectives }) => ({
    service,
    retentionDays: first?.retentionDays ?? objectives.retentionDays,
  }));
}
