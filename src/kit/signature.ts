import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { FiredrillError } from './errors.ts';
import { canonicalBytes } from './json.ts';

/** A public key that this machine trusts. */
export interface TrustedKey {
  keyId: string;
  key: KeyObject;
}

export interface Signature {
  algorithm: 'ed25519';
  /** Of the key that made it; see `keyIdOf`. */
  keyId: string;
  /** base64 */
  value: string;
}

/** The first 16 hex digits of the SHA-256 of the public key's DER form. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

/** Reads an ed25519 private key in PEM (PKCS #8), or KEY_INVALID. */
export function readSigningKey(pem: string): KeyObject {
  return ed25519(() => createPrivateKey(pem), 'the signing key');
}

/** Reads an ed25519 public key in PEM (SPKI), or KEY_INVALID. */
export function readTrustedKey(pem: string): TrustedKey {
  return trustedKey(ed25519(() => createPublicKey(pem), 'a trusted public key'));
}

/** The public half of a key of this machine. */
export function publicHalf(privateKey: KeyObject): TrustedKey {
  return trustedKey(createPublicKey(privateKey));
}

const trustedKey = (key: KeyObject): TrustedKey => ({ keyId: keyIdOf(key), key });

function ed25519(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new FiredrillError('KEY_INVALID', `${what} is not a key in PEM form`, { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new FiredrillError('KEY_INVALID', `${what} is not an ed25519 key`);
  return key;
}

/** Signs the canonical JSON (RFC 8785) of a body. Its `format` keeps what is signed as one thing from being another. */
export function signBody(body: { format: string }, privateKey: KeyObject): Signature {
  const value = sign(null, canonicalBytes(body), privateKey).toString('base64');
  return { algorithm: 'ed25519', keyId: keyIdOf(createPublicKey(privateKey)), value };
}

/** Why a signature is not good, in words; undefined when it is. */
export function signatureFault(
  body: { format: string },
  signature: Signature,
  trusted: readonly TrustedKey[],
): string | undefined {
  const sealed = sealedBy(body, signature, trusted);
  if (typeof sealed === 'string') return sealed;
  return verify(null, sealed.text, sealed.key, sealed.value) ? undefined : unfit(signature);
}

const verifyInThread = promisify(verify);

/** As `signatureFault`, reckoned beside this thread: for many of them. */
export async function signatureFaultBeside(
  body: { format: string },
  signature: Signature,
  trusted: readonly TrustedKey[],
): Promise<string | undefined> {
  const sealed = sealedBy(body, signature, trusted);
  if (typeof sealed === 'string') return sealed;
  return (await verifyInThread(null, sealed.text, sealed.key, sealed.value)) ? undefined : unfit(signature);
}

const unfit = ({ keyId }: Signature) => `its signature by key ${keyId} does not fit its content`;

/** What is to be verified; or why nothing needs to be, in words. */
function sealedBy(body: { format: string }, signature: Signature, trusted: readonly TrustedKey[]) {
  const signer = trusted.find((key) => key.keyId === signature.keyId);
  if (!signer) return `it is signed by key ${signature.keyId}, which is not among the trusted keys`;
  const text = canonicalForm(body);
  if (text === undefined) return 'it holds text that is no Unicode, which nobody can have signed';
  const value = Buffer.from(signature.value, 'base64');
  // Base64 can be written in several ways; ours alone is what was sealed.
  if (value.toString('base64') !== signature.value) return unfit(signature);
  return { key: signer.key, text, value };
}

function canonicalForm(body: object): Buffer | undefined {
  try {
    return canonicalBytes(body);
  } catch {
    return undefined;
  }
}
