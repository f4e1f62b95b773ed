import { createEscrowKey, readAgeIdentities } from '../../src/vault/age.ts';

/** A key pair of age, and what reading its private half gives. */
export async function makeAgeKey(file = 'escrow.key') {
  const { text, recipient } = await createEscrowKey();
  return { recipient, text, identities: readAgeIdentities(text, file) };
}
