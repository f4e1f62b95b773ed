import type { OpenMember } from '../../../model/member.ts';

export const archiveRole = 'clone';

/** Whether a member is a full in the physical format. */
export const isPhysical = (member: OpenMember) => member.byRole(archiveRole).length > 0;
