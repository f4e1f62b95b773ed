import { compactInstant, parseCompactInstant } from '../kit/clock.ts';
import { localDate } from '../kit/local-time.ts';
import type { MemberKind } from './manifest.ts';

/** Names of sets and members; `<vault>/backup-2026-11-22/agama/full-20261122T013000Z/`. Pure. */

export const manifestFile = 'manifest.json';

/** Points at one member in a vault. */
export interface MemberRef {
  set: string;
  service: string;
  id: string;
}

/** The set's folder: `backup-%Y-%m-%d` of the week's Sunday in the configured time zone (an IANA name). */
export function setNameOf(instant: Date, timeZone: string): string {
  const localMidnight = new Date(`${localDate(instant.toISOString(), timeZone)}T00:00:00Z`);
  localMidnight.setUTCDate(localMidnight.getUTCDate() - localMidnight.getUTCDay());
  return `backup-${localMidnight.toISOString().slice(0, 10)}`;
}

/** The Sunday in a set's name as UTC midnight; undefined when the name is not a set's. */
export function parseSetName(name: string): Date | undefined {
  const date = /^backup-(\d{4}-\d{2}-\d{2})$/.exec(name)?.[1];
  if (!date) return undefined;
  const sunday = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(sunday.getTime()) || sunday.toISOString().slice(0, 10) !== date) return undefined;
  return sunday.getUTCDay() === 0 ? sunday : undefined;
}

export function memberIdOf(kind: MemberKind, startedAt: Date): string {
  return `${kind === 'full' ? 'full' : 'incr'}-${compactInstant(startedAt)}`;
}

export function parseMemberId(id: string): { kind: MemberKind; startedAt: Date } | undefined {
  const [prefix, stamp, ...rest] = id.split('-');
  const startedAt = parseCompactInstant(stamp ?? '');
  if (!startedAt || rest.length > 0 || (prefix !== 'full' && prefix !== 'incr')) return undefined;
  return { kind: prefix === 'full' ? 'full' : 'incremental', startedAt };
}

/** For sentences and logs. */
export function describeMember(ref: MemberRef): string {
  return `${ref.set}/${ref.service}/${ref.id}`;
}
