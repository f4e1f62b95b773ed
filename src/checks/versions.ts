import { type CheckResult, Look } from '../model/check.ts';

/** Was it restored by the engine version that made it? */
export function checkVersions(service: string, recorded: string, found: string, same: boolean): CheckResult {
  const look = new Look('versions', service, 'servers', 1).sawOne().compare('engine version', recorded, found);
  if (!same) {
    look.couldNot({
      sentence: `${service}: the backup was made by version ${recorded} and restored by version ${found}: the drill proves nothing`,
      expected: recorded,
      found,
      next: 'Name an image of that version under drill.images, then run: firedrill drill',
    });
  }
  return look.result();
}
