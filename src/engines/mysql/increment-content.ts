import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { DestructiveStatement } from '../../model/destructive-statement.ts';
import type { OpenMember } from '../../model/member.ts';
import { planAccounts } from './accounts.ts';
import { destructiveStatements } from './binlog/destructive.ts';
import { scanForStop } from './binlog/stop-point.ts';
import { readAccounts, readFacts, readSchema } from './documents.ts';
import { differenceOf, incrementPositionOf, offsetIn } from './log-position.ts';

/** Reads every binary log of an increment to its end, without a server, and compares it with the manifest. */
export async function verifyIncrement(member: OpenMember, { signal }: Activity): Promise<CheckResult[]> {
  const { service, artifacts } = member.manifest;
  const { logs, from } = incrementPositionOf(member.manifest);
  readFacts(member);
  await readSchema(member);
  planAccounts(await readAccounts(member));
  const format = new Look('format', service, 'artifacts', artifacts.length).sawOne(artifacts.length - logs.length);
  const completeness = new Look('completeness', service, 'binary logs', logs.length);
  for (const log of logs) {
    if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the verification was interrupted');
    const name = `${log.file} of ${member.manifest.id}`;
    const { summary } = await scanForStop(member.content(log.artifact), name, undefined, offsetIn(log, from));
    format.sawOne();
    completeness.sawOne();
    const difference = differenceOf(log, summary);
    if (difference)
      completeness.fail({ ...difference, sentence: `${service}: ${difference.sentence}`, next: 'firedrill list' });
  }
  return [format.result(), completeness.result()];
}

/** What took data away in one increment. */
export async function* destructiveInMember(member: OpenMember, minRows: number): AsyncGenerator<DestructiveStatement> {
  const { logs, from } = incrementPositionOf(member.manifest);
  for (const log of logs) {
    const name = `${log.file} of ${member.manifest.id}`;
    // What the member before holds, too, cannot be undone by this one.
    yield* destructiveStatements(member.content(log.artifact), name, minRows, offsetIn(log, from));
  }
}
