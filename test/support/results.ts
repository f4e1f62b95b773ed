import { type CheckId, type CheckResult, Look } from '../../src/model/check.ts';

/** Results for tests of what judges results. */
export const passed = (check: CheckId, service: string | null = 'agama'): CheckResult =>
  new Look(check, service, 'things', 1).sawOne().result();

export const failed = (check: CheckId, service: string | null = 'agama', sentence = `${check} is bad`): CheckResult =>
  new Look(check, service, 'things', 1).sawOne().fail({ sentence }).result();

export const unclear = (check: CheckId, service: string | null = 'agama', sentence = `${check} unseen`): CheckResult =>
  new Look(check, service, 'things', 1).couldNot({ sentence }).result();
