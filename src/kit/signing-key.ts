import { generateKeyPairSync } from 'node:crypto';

export interface SigningKeyPair {
  /** PKCS #8 PEM: whoever has it can make backups that drills believe. */
  privatePem: string;
  /** SPKI PEM: whoever has it can verify. */
  publicPem: string;
}

/** A fresh ed25519 pair. */
export function createSigningKey(): SigningKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
