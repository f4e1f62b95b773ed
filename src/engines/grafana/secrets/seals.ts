import { createHash, createHmac, randomBytes, scryptSync } from 'node:crypto';
import { FiredrillError } from '../../../kit/errors.ts';
import type { GrafanaDatabase } from '../database/grafana-database.ts';
import { Decrypter } from './decrypt.ts';
import { readSecrets, type StoredSecret } from './places.ts';

/** To open one takes some milliseconds by intent, and nothing else runs meanwhile. */
const mostSecrets = 20_000;

/**
 * What a manifest may say of the secrets: for each a keyed hash of its plain text. The key comes from Grafana's secret_key by
 * scrypt, so that the manifest alone does not let anybody try passwords, and a drill with another secret_key gets other hashes
 * for all of them. A bare hash could be guessed; an encrypted secret cannot show that its key is wrong (see Decrypter).
 */
export interface SecretSeals {
  /** Of scrypt, hex. */
  salt: string;
  columns: {
    /** `data_source.secure_json_data` */
    column: string;
    secrets: { where: string; hmac: string }[];
    /** What secret_key does not open; compared as ciphertext. */
    unopened: { where: string; why: string; sha256: string }[];
  }[];
}

export function sealSecrets(
  db: GrafanaDatabase,
  secretKey: string,
  salt = randomBytes(16).toString('hex'),
): SecretSeals {
  const hmacKey = scryptSync(secretKey, `firedrill grafana secrets ${salt}`, 32);
  const decrypter = new Decrypter(db, secretKey);
  const stored = readSecrets(db);
  assertFew(stored.reduce((sum, { secrets }) => sum + secrets.length, 0));
  const columns = stored.map(({ column, secrets }) => {
    const judged = secrets.map((secret) => ({ secret, opened: openSecret(decrypter, secret) }));
    return {
      column,
      secrets: judged.flatMap(({ secret: { where }, opened }) =>
        'plain' in opened ? [{ where, hmac: hmacOf(hmacKey, where, opened.plain) }] : [],
      ),
      unopened: judged.flatMap(({ secret: { where, bytes }, opened }) =>
        'why' in opened ? [{ where, why: opened.why, sha256: createHash('sha256').update(bytes).digest('hex') }] : [],
      ),
    };
  });
  return { salt, columns };
}

function assertFew(secrets: number) {
  if (secrets <= mostSecrets) return;
  throw new FiredrillError('LIMIT_EXCEEDED', `grafana.db holds ${secrets} secrets, more than ${mostSecrets}`);
}

function openSecret(decrypter: Decrypter, secret: StoredSecret) {
  if (secret.form === 'plain') return { plain: secret.bytes };
  const opened = decrypter.open(secret.bytes);
  return 'plain' in opened && !isText(opened.plain) ? { why: 'the key turns it into no text' } : opened;
}

/** `where` is in the hash: the same password in two places does not look the same. */
function hmacOf(key: Buffer, where: string, plain: Buffer): string {
  return createHmac('sha256', key).update(`${where}\0`).update(plain).digest('hex');
}

/** Grafana's secrets are texts. Of what a wrong key makes, eight bytes are one by a chance of about 1 in 1,000. */
function isText(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  return Buffer.from(text).equals(bytes) && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
}

export function countSecrets(seals: SecretSeals) {
  const opened = seals.columns.reduce((sum, { secrets }) => sum + secrets.length, 0);
  const unopened = seals.columns.flatMap((column) => column.unopened);
  return { opened, unopened };
}
