import { FiredrillError } from '../kit/errors.ts';
import { parseSetName } from '../model/backup-set.ts';
import { markFile, type VaultEntry } from './listing.ts';

/** What the mark says to whoever finds it. */
export const markText =
  'This folder is a vault of firedrill. Without this file, and without a backup, it would be taken for the mount point of a disk\n' +
  'that is not mounted.\n';

/** How a folder is known as a vault. */
export interface Known {
  /** A folder that holds neither a set nor the mark is refused: the mount point of a disk that is not mounted looks so. */
  marked?: boolean;
}

/** Of a vault that somebody means to have: its folder is made where it is absent, and marked. */
export interface Markable {
  /** Does nothing where it is marked already. VAULT_WRITE when it cannot be. */
  mark(): Promise<void>;
}

type Code = 'VAULT_READ' | 'VAULT_WRITE';

/** Whether somebody has meant this to be a vault: there is the mark, or a set. */
export function assertMarked(label: string, folder: string, entries: readonly VaultEntry[], code: Code): void {
  const isSet = ({ name, kind }: VaultEntry) => kind === 'folder' && parseSetName(name) !== undefined;
  if (entries.some((each) => each.name === markFile || isSet(each))) return;
  const sentence = `vault ${label}: ${folder} holds no backup, and no mark of a new vault: its disk may not be mounted`;
  throw new FiredrillError(code, sentence, { hint: newVaultHint(label) });
}

export const newVaultHint = (label: string) => `Mount it. If the vault is new: firedrill init --vault ${label}`;
