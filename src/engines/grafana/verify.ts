import type { Activity } from '../../kit/activity.ts';
import type { CheckResult } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import { rebuild } from './restore/rebuild.ts';
import { decodedResults } from './restore.ts';
import { scratchSpace } from './source/scratch-space.ts';

/** Decodes a member and judges its database without a server. */
export async function verifyGrafana(member: OpenMember, activity: Activity): Promise<CheckResult[]> {
  await using scratch = await scratchSpace();
  const rebuilt = await rebuild(member, scratch.file('.'), activity);
  return decodedResults(member, rebuilt);
}
