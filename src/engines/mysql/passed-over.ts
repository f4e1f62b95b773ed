import { isFiredrillError } from '../../kit/errors.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import { readAccounts, readSchema } from './documents.ts';

/**
 * Reads the documents of the members between the full and the newest one: a restore to the newest point does not need them,
 * one to an older point does. Gives results of those members only in which something is wrong.
 */
export async function judgePassedOver(members: readonly OpenMember[]): Promise<CheckResult[]> {
  const judged = await Promise.all(members.map(judgeDocuments));
  return judged.filter((each) => each.outcome !== 'pass');
}

async function judgeDocuments(member: OpenMember): Promise<CheckResult> {
  const { service, id } = member.manifest;
  const look = new Look('format', service, 'documents', 2);
  for (const read of [readSchema, readAccounts]) {
    look.sawOne();
    try {
      await read(member);
    } catch (error) {
      // What is not as it was sealed, or does not decode, is told of all artifacts elsewhere.
      if (!isFiredrillError(error)) throw error;
      if (error.code === 'ARTIFACT_FORMAT')
        look.fail({ sentence: `${service}: in ${id}, ${error.message}`, next: 'firedrill list' });
    }
  }
  return look.result();
}
