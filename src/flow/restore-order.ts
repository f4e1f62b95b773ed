import type { KeyObject } from 'node:crypto';
import type { Source } from '../engines/engine.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { RestoreReason } from '../model/objectives.ts';
import type { DrillOrder, DrillService } from './drill-order.ts';

/** One service, one target: prove, then carry. */
export interface RestoreOrder {
  /** How the service is proven in the sealed pod first: exactly one service, and no excursions but to the last good point. */
  drill: DrillOrder;
  target: Source<unknown>;
  /** As it was typed. */
  targetName: string;
  reason: RestoreReason;
  /** Only these, beside the live data. */
  parts?: readonly string[];
  /** Go on although a check has failed in the pod. */
  unproven: boolean;
  /** Where what is replaced is backed up, each time into a folder of its own: no vault, so that no drill takes it for one. */
  safetyFolder: string;
  signingKey(): Promise<KeyObject>;
  timeZone: string;
  /** The command that restores from a safety copy in `folder`, for people. */
  goBack(folder: string): string;
}

/** What will be done, before anything is. All texts may hold untrusted names. */
export interface RestorePlan {
  service: string;
  title: string;
  target: string;
  host: string;
  reason: RestoreReason;
  parts: readonly string[] | null;
  /** The members that are restored, the full first. */
  members: readonly string[];
  /** `2026-11-24T10:31:06.000Z`, or `before <change>`. */
  point: string;
  /** What stands at the target and gives way, one thing a line; empty: nothing. */
  replaces: readonly string[];
  /** The newest event at the target, where that is known. */
  newest: { at: string; basis: string } | null;
  /** From the point to the newest event at the target, else to now; null: not known, or nothing is lost. */
  lostMs: number | null;
}

export function serviceOf({ drill }: RestoreOrder): DrillService {
  const [service, ...more] = drill.services;
  if (service && more.length === 0) return service;
  throw new FiredrillError('INTERNAL', 'one service is restored at a time');
}
