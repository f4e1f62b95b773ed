import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

type Text = string | Buffer;

/** Grafana's form, made by hand: salt | iv or nonce | ciphertext, and the algorithm before it where it is named. */
export function encryptSecret(plain: Text, secret: Text, algorithm?: 'aes-gcm' | 'aes-cfb'): Buffer {
  const salt = randomBytes(8);
  const key = pbkdf2Sync(secret, salt, 10_000, 32, 'sha256');
  const name = algorithm ? `*${unpadded(algorithm)}*` : '';
  if (algorithm === 'aes-gcm') {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return Buffer.concat([Buffer.from(name), salt, nonce, sealed]);
  }
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cfb', key, iv);
  return Buffer.concat([Buffer.from(name), salt, iv, cipher.update(plain), cipher.final()]);
}

/** As from Grafana 9 on: encrypted with a data key that is named. */
export const inEnvelope = (keyId: string, sealed: Buffer) =>
  Buffer.concat([Buffer.from(`#${unpadded(keyId)}#`), sealed]);

const unpadded = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '');

/** Stores other secrets, encrypted with a key of our own, in place of a sample's. */
export function useOwnKey(database: string, key: string): void {
  using db = new DatabaseSync(database);
  const sealed = JSON.stringify({ password: encryptSecret('own-S3cret', key).toString('base64') });
  db.prepare('UPDATE data_source SET secure_json_data = ?').run(sealed);
  db.prepare("UPDATE alert_notification SET secure_settings = ? WHERE secure_settings <> '{}'").run(sealed);
}
