import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { keyIdOf, publicHalf, readSigningKey, readTrustedKey, type TrustedKey } from '../kit/signature.ts';
import type { AgeIdentities } from '../vault/age.ts';

/** The private key of this machine; KEY_INVALID when there is none, or when others could have read it. */
export async function readPrivateKey({ signingKeyFile }: Pick<Config, 'signingKeyFile'>): Promise<KeyObject> {
  if (signingKeyFile === undefined) {
    throw new FiredrillError('KEY_INVALID', 'no private key is configured (keys.private): backups cannot be signed');
  }
  return readPrivateKeyFile(signingKeyFile);
}

/** The private key that signs receipts of drills; undefined when none is configured. KEY_INVALID as above. */
export async function readLedgerKey({ ledgerKeyFile }: Pick<Config, 'ledgerKeyFile'>): Promise<KeyObject | undefined> {
  return ledgerKeyFile === undefined ? undefined : readPrivateKeyFile(ledgerKeyFile);
}

/** All keys whose receipts are trusted here: this machine's own, and those that are named. */
export async function readLedgerTrust(
  config: Pick<Config, 'ledgerKeyFile' | 'ledgerPublicFiles'>,
): Promise<TrustedKey[]> {
  const own = await readLedgerKey(config);
  const named = await readTrustedKeys({ trustedKeyFiles: config.ledgerPublicFiles, trustedKeyTexts: [] });
  return own ? [publicHalf(own), ...named] : named;
}

async function readPrivateKeyFile(file: string): Promise<KeyObject> {
  const key = await readKeyFile(file, readSigningKey);
  if ((await stat(file)).mode & 0o077) {
    const sentence = `others than its owner may read the private key ${file}`;
    throw new FiredrillError('KEY_INVALID', sentence, { hint: `Run: chmod 600 ${file}` });
  }
  return key;
}

/** All public keys, or KEY_INVALID that tells of all that cannot be used. */
export async function readTrustedKeys({
  trustedKeyFiles,
  trustedKeyTexts,
}: Pick<Config, 'trustedKeyFiles' | 'trustedKeyTexts'>): Promise<TrustedKey[]> {
  const read = await Promise.allSettled([
    ...trustedKeyFiles.map((file) => readKeyFile(file, readTrustedKey)),
    ...trustedKeyTexts.map(async (pem) => readTrustedKey(pem)),
  ]);
  const detail = read.flatMap((each) => (each.status === 'rejected' ? [messageOf(each.reason)] : []));
  if (detail.length > 0) throw new FiredrillError('KEY_INVALID', 'public keys cannot be used', { detail });
  return read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** Whether backups that this private key signs are trusted here. */
export function isTrusted(privateKey: KeyObject, trusted: readonly TrustedKey[]): boolean {
  const keyId = keyIdOf(createPublicKey(privateKey));
  return trusted.some((each) => each.keyId === keyId);
}

async function readKeyFile<T>(file: string, parse: (pem: string) => T): Promise<T> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (cause) {
    throw new FiredrillError('KEY_INVALID', `key file ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  try {
    return parse(pem);
  } catch (cause) {
    throw new FiredrillError('KEY_INVALID', `${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Private keys of age that open an encrypted vault; KEY_INVALID when the file is lost or is no such key. */
export async function readIdentityFile(file: string): Promise<AgeIdentities> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const hint = 'Take another copy of it, such as the one in the safe.';
    throw new FiredrillError('KEY_INVALID', `the private key ${file} cannot be read: ${messageOf(cause)}`, {
      cause,
      hint,
    });
  }
  const { readAgeIdentities } = await import('../vault/age.ts');
  return readAgeIdentities(text, file);
}
