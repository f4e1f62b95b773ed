import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';

/** System errors become the vault's; an error of the content that was being written stays what it is. */
export function asVaultError(error: unknown, code: 'VAULT_READ' | 'VAULT_WRITE', what: string): unknown {
  if (error instanceof FiredrillError || systemCode(error) === undefined) return error;
  return new FiredrillError(code, `${what} (${systemCode(error)})`, { cause: error, detail: [messageOf(error)] });
}

export async function listingFails<T>(label: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    throw asVaultError(error, 'VAULT_READ', `vault ${label} cannot be listed`);
  });
}

export async function writingFails<T>(label: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    const full = systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT';
    throw asVaultError(error, 'VAULT_WRITE', full ? `vault ${label} is full` : `vault ${label} cannot be written`);
  });
}
