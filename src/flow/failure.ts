import { type ErrorCode, exitStatus, FiredrillError, messageOf } from '../kit/errors.ts';
import { type CheckId, type CheckResult, Look } from '../model/check.ts';

/** Which check has failed when an engine or the vault throws this. Whatever is not here is no word about the backup. */
const blamedCheck: Partial<Record<ErrorCode, CheckId>> = {
  MANIFEST_INVALID: 'manifest',
  ARTIFACT_DAMAGED: 'manifest',
  ARTIFACT_FORMAT: 'format',
  ARTIFACT_INCOMPLETE: 'completeness',
  RESTORE_FAILED: 'restore-run',
  LIMIT_EXCEEDED: 'hostile-input',
};

/**
 * Turns what was thrown into a check's result: a failure when the backup is to blame, inconclusive when the drill's own
 * world is (Docker, disk, image, limits of time) and also when nobody knows.
 */
export function resultOfFailure(error: unknown, service: string | null): CheckResult {
  const known = error instanceof FiredrillError ? error : undefined;
  const check = known && blamedCheck[known.code];
  const message = messageOf(error);
  const prefix = service === null || message.startsWith(`${service}: `) ? '' : `${service}: `;
  const sentence = `${prefix}${message}`;
  const detail = known?.detail.length ? { found: known.detail.slice(-5).join('\n') } : {};
  const finding = { sentence, ...detail, next: known?.hint ?? 'Report this as a fault of firedrill.' };
  const look = new Look(check ?? 'restore-run', service, 'restores', 1).sawOne();
  return (check ? look.fail(finding) : look.couldNot(finding)).result();
}

/** Whether this is about the drill's own world. */
export function isWorldFailure(error: unknown): boolean {
  return error instanceof FiredrillError && error.exit === exitStatus.inconclusive;
}
