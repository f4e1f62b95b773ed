import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { readAgeIdentities } from '../../src/vault/age.ts';

/** A key pair of age, and the text of its private half as `age-keygen` writes it. */
export async function makeAgeKey(file = 'escrow.key') {
  const secret = await generateX25519Identity();
  const recipient = await identityToRecipient(secret);
  const text = `# created: 2026-11-22T01:30:00Z\n# public key: ${recipient}\n${secret}\n`;
  return { recipient, text, identities: readAgeIdentities(text, file) };
}
