import type { AnyEngine } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { DestructiveStatement } from '../model/destructive-statement.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { Vault } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';

export interface StatementSearch {
  vault: Vault;
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
  if (!destructive) throw new FiredrillError('SOURCE_UNSUITABLE', `${engine.title} keeps no log of statements`);
  const { members } = await vault.list();
  let looked = 0;
  let before = Number.NEGATIVE_INFINITY;
  for (const listed of members.filter((each) => each.service === service)) {
    const member = await VerifiedMember.open(vault, listed, trusted);
    // An increment covers what came after the member before it, up to its own instant.
    const until = Date.parse(member.manifest.dataAt);
    const covers = member.manifest.kind === 'incremental' && until >= from.getTime() && before <= to.getTime();
    before = until;
    if (!covers) continue;
    looked += 1;
    activity.tell({ service, phase: 'find', text: listed.id });
    for await (const found of destructive(member, minRows, activity)) {
      if (isWithin(found.at, from, to)) yield { ...found, member: listed.id };
    }
  }
  if (looked > 0) return;
  const range = `${from.toISOString()} to ${to.toISOString()}`;
  throw new FiredrillError('NO_SUCH_SET', `no increment of ${service} covers any time from ${range}`);
}

function isWithin(at: string, from: Date, to: Date): boolean {
  const ms = Date.parse(`${at.slice(0, 23)}Z`);
  return ms >= from.getTime() && ms <= to.getTime();
}
