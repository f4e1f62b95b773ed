import type { AnyEngine } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError, isFiredrillError, messageOf } from '../kit/errors.ts';
import { parseMemberId } from '../model/backup-set.ts';
import type { DestructiveStatement } from '../model/destructive-statement.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { ListedMember, ReadableVault } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';

export interface StatementSearch {
  vault: ReadableVault;
  trusted: readonly TrustedKey[];
  engine: AnyEngine;
  service: string;
  from: Date;
  to: Date;
  /** Deletes of fewer rows are left out. */
  minRows: number;
}

export interface FoundStatement extends DestructiveStatement {
  member: string;
}

/**
 * Lists what took data away between two instants, from the increments in the vault. SOURCE_UNSUITABLE for an engine that
 * keeps no such log; NO_SUCH_SET when no increment covers any of that time.
 */
export async function* findStatements(search: StatementSearch, activity: Activity): AsyncGenerator<FoundStatement> {
  const { vault, trusted, engine, service, from, to, minRows } = search;
  const destructive = engine.increments?.destructive;
  /** One member that cannot be read hides nothing of the others. */
  async function* lookInto(listed: ListedMember): AsyncGenerator<DestructiveStatement> {
    try {
      const member = await VerifiedMember.open(vault, listed, trusted);
      if (destructive) yield* destructive(member, minRows, activity);
    } catch (error) {
      if (!isBad(error)) throw error;
      const at = startOf(listed).toISOString().replace('Z', '000Z');
      yield { at, name: null, kind: 'unseen', what: `${listed.id} cannot be read: ${messageOf(error)}`, rows: null };
    }
  }
  if (!destructive) throw new FiredrillError('SOURCE_UNSUITABLE', `${engine.title} keeps no log of statements`);
  const { members } = await vault.list();
  const covering = membersOver(members, service, from, to);
  for (const listed of covering) {
    activity.tell({ service, phase: 'find', text: listed.id });
    for await (const found of lookInto(listed)) {
      if (isWithin(found.at, from, to) || found.kind === 'unseen') yield { ...found, member: listed.id };
    }
  }
  if (covering.length > 0) return;
  const range = `${from.toISOString()} to ${to.toISOString()}`;
  throw new FiredrillError('NO_SUCH_SET', `no increment of ${service} covers any time from ${range}`);
}

/** By names alone: an increment covers what came after the member before it, up to a little after its own start. */
function membersOver(members: readonly ListedMember[], service: string, from: Date, to: Date): ListedMember[] {
  const own = members.filter((each) => each.service === service);
  return own.filter((each, i) => {
    const before = own[i - 1];
    const isIncrement = parseMemberId(each.id)?.kind === 'incremental';
    return isIncrement && startOf(each) >= from && (before === undefined || startOf(before) <= to);
  });
}

const startOf = ({ id }: ListedMember) => parseMemberId(id)?.startedAt ?? new Date(Number.NaN);

const isBad = (error: unknown) =>
  isFiredrillError(
    error,
    'MANIFEST_INVALID',
    'LIMIT_EXCEEDED',
    'ARTIFACT_DAMAGED',
    'ARTIFACT_FORMAT',
    'ARTIFACT_INCOMPLETE',
  );

function isWithin(at: string, from: Date, to: Date): boolean {
  const ms = Date.parse(`${at.slice(0, 23)}Z`);
  return ms >= from.getTime() && ms <= to.getTime();
}
