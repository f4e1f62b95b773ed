import { type FiredrillError, isFiredrillError } from '../kit/errors.ts';
import { manifestFile } from '../model/backup-set.ts';
import { type CheckResult, Look } from '../model/check.ts';
import type { ArtifactEntry } from '../model/manifest.ts';

/** What lies in one member's folder, and what came of reading each artifact to its end. */
export interface MemberEvidence {
  id: string;
  artifacts: readonly ArtifactEntry[];
  files: readonly string[];
  strange: readonly string[];
  read: ReadonlyMap<string, FiredrillError | 'whole'>;
}

/** Are the files exactly those that were sealed, byte for byte? (That the seal is genuine was seen when it was opened.) */
export function checkManifest(service: string, members: readonly MemberEvidence[]): CheckResult {
  const artifacts = members.reduce((sum, member) => sum + member.artifacts.length, 0);
  const look = new Look('manifest', service, 'artifacts', artifacts);
  for (const member of members) {
    for (const entry of member.artifacts) judgeArtifact(look, service, entry, member.read.get(entry.name));
    const sealed = new Set([manifestFile, ...member.artifacts.map((entry) => entry.name)]);
    for (const extra of [...member.files.filter((file) => !sealed.has(file)), ...member.strange]) {
      const sentence = `${service}: ${extra} in ${member.id} is not in the manifest: somebody put it there`;
      look.fail({ sentence, expected: 'only sealed files', found: extra, next: `firedrill verify ${service}` });
    }
  }
  return look.result();
}

function judgeArtifact(look: Look, service: string, entry: ArtifactEntry, seen: FiredrillError | 'whole' | undefined) {
  if (seen === undefined) return;
  look.sawOne();
  if (seen === 'whole') return;
  const finding = {
    sentence: `${service}: ${seen.message}`,
    expected: `${entry.bytes} bytes, SHA-256 ${entry.sha256}`,
    next: `firedrill verify ${service}`,
  };
  if (isFiredrillError(seen, 'ARTIFACT_DAMAGED')) look.fail(finding);
  else look.couldNot(finding);
}
