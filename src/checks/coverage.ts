import { type CheckResult, Look } from '../model/check.ts';

/** One service of the configuration, and the members that were found for it in the vault. */
export interface Covered {
  service: string;
  /** How many sealed members could be restored; 0 is a service without a backup. */
  restorable: number;
  /** Folders that carry a member's name and have no manifest. */
  unsealed: readonly string[];
}

/** Is there a backup of every service that must have one? Three of four is never a pass. */
export function checkCoverage(services: readonly Covered[], vault: string): CheckResult {
  const look = new Look('coverage', null, 'services', services.length);
  for (const { service, restorable, unsealed } of services) {
    look.sawOne();
    if (restorable > 0) continue;
    const left = unsealed.length === 0 ? '' : `; ${unsealed.join(', ')} was never completed`;
    look.fail({
      sentence: `${service}: there is no completed backup in vault ${vault}${left}`,
      expected: 'at least 1 member',
      found: '0 members',
      next: `firedrill backup ${service} --full`,
    });
  }
  const covered = services.filter((each) => each.restorable > 0).length;
  return look.compare('services with a backup', services.length, covered).result();
}
