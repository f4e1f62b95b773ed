import type { Whereabouts } from './vault.ts';

/** Why two vaults are one place in truth. */
export interface Togetherness {
  /** Goes on from "vault offsite …". */
  reason: string;
  /** `place`: they are one vault, and a copy is none; `machine`: one fire or one broken disk takes both. */
  same: 'place' | 'machine';
}

/** undefined for two vaults of which one can be lost and the other stays. */
export function togetherness(first: Whereabouts, second: Whereabouts): Togetherness | undefined {
  if (first.kind === 'folder' && second.kind === 'folder') return foldersTogether(first, second);
  if (first.kind === 'host' && second.kind === 'host') {
    if (first.hostKey !== second.hostKey) return undefined;
    return { reason: `is on the same machine: both show the host key ${first.hostKey}`, same: 'machine' };
  }
  const host = first.kind === 'host' ? first : second;
  if (host.kind !== 'host' || host.thisMachine === null) return undefined;
  return { reason: `is on this machine itself: ${host.host}, ${host.thisMachine}`, same: 'machine' };
}

type Folder = Extract<Whereabouts, { kind: 'folder' }>;

function foldersTogether(first: Folder, second: Folder): Togetherness | undefined {
  const [a, b] = [`${first.path}/`, `${second.path}/`];
  if (first.device === second.device && first.inode === second.inode)
    return { reason: `is the same folder: ${first.path}`, same: 'place' };
  if (a.startsWith(b) || b.startsWith(a))
    return { reason: `lies in the other's folder: ${second.path}, ${first.path}`, same: 'place' };
  if (first.device !== second.device) return undefined;
  return { reason: `is on the same disk: ${second.path}, ${first.path}`, same: 'machine' };
}
