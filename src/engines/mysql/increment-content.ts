import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { tapped } from '../../kit/tap.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { DestructiveStatement } from '../../model/destructive-statement.ts';
import type { OpenMember } from '../../model/member.ts';
import { planAccounts } from './accounts.ts';
import { destructiveStatements } from './binlog/destructive.ts';
import { scanForStop } from './binlog/stop-point.ts';
import { type BinlogSummary, summarizeBinlog } from './binlog/summary.ts';
import { readAccounts, readFacts, readSchema } from './documents.ts';
import { type CapturedLog, incrementPositionOf } from './log-position.ts';

/** Reads every binary log of an increment to its end, without a server, and compares it with the manifest. */
export async function verifyIncrement(member: OpenMember, { signal }: Activity): Promise<CheckResult[]> {
  const { service, artifacts } = member.manifest;
  const { logs } = incrementPositionOf(member.manifest);
  readFacts(member);
  await readSchema(member);
  planAccounts(await readAccounts(member));
  const format = new Look('format', service, 'artifacts', artifacts.length).sawOne(artifacts.length - logs.length);
  const completeness = new Look('completeness', service, 'binary logs', logs.length);
  for (const log of logs) {
    if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the verification was interrupted');
    const summary = await readLog(member, log);
    format.sawOne();
    completeness.sawOne();
    judge(completeness, service, log, summary);
  }
  return [format.result(), completeness.result()];
}

/** In one pass: what it holds, and whether a server could have written it. */
async function readLog(member: OpenMember, { artifact, file }: CapturedLog): Promise<BinlogSummary> {
  const name = `${file} of ${member.manifest.id}`;
  const { tap, result } = tapped((copy) => scanForStop(copy, name, undefined));
  const content = member.content(artifact);
  content.on('error', (error) => tap.destroy(error));
  const [summary] = await Promise.all([summarizeBinlog(content.pipe(tap), name), result]);
  return summary;
}

function judge(look: Look, service: string, log: CapturedLog, { transactions, gtids }: BinlogSummary) {
  if (transactions === log.transactions && gtids.toString() === log.gtids) return;
  look.fail({
    sentence: `${service}: binary log ${log.file} holds ${transactions} transactions, ${log.transactions} were captured`,
    expected: `${log.transactions}: ${log.gtids}`,
    found: `${transactions}: ${gtids}`,
    next: 'firedrill list',
  });
}

/** What took data away in one increment. */
export async function* destructiveInMember(member: OpenMember, minRows: number): AsyncGenerator<DestructiveStatement> {
  for (const { artifact, file } of incrementPositionOf(member.manifest).logs) {
    yield* destructiveStatements(member.content(artifact), `${file} of ${member.manifest.id}`, minRows);
  }
}
