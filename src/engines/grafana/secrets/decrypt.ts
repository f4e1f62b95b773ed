import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { plainLine } from '../../../kit/text.ts';
import type { GrafanaDatabase } from '../database/grafana-database.ts';

const saltBytes = 8;
const ivBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;

export type Decrypted = { plain: Buffer } | { why: string };

/**
 * Opens what Grafana encrypted. Up to 8: salt | iv | AES-256-CFB, which is not authenticated: a wrong key gives garbage, not an
 * error. From 8.3 and by default from 9 on: `#base64(key id)#` before it names a row of data_keys, itself encrypted with
 * secret_key; `*base64(algorithm)*` may name aes-gcm.
 */
export class Decrypter {
  readonly #secretKey: string;
  readonly #dataKeys: Map<string, { provider: string; sealed: Uint8Array }>;
  readonly #opened = new Map<string, Decrypted>();

  constructor(db: GrafanaDatabase, secretKey: string) {
    this.#secretKey = secretKey;
    this.#dataKeys = readDataKeys(db);
  }

  open(payload: Buffer): Decrypted {
    if (payload[0] !== 0x23) return decipher(payload, this.#secretKey);
    const end = payload.indexOf('#', 1);
    if (end < 0) return { why: 'its data key is not named' };
    const id = Buffer.from(payload.toString('latin1', 1, end), 'base64').toString('utf8');
    const key = this.#dataKey(id);
    return 'why' in key ? key : decipher(payload.subarray(end + 1), key.plain);
  }

  #dataKey(id: string): Decrypted {
    const known = this.#opened.get(id) ?? this.#openDataKey(id);
    this.#opened.set(id, known);
    return known;
  }

  #openDataKey(id: string): Decrypted {
    const found = this.#dataKeys.get(id);
    if (!found) return { why: `its data key ${plainLine(id, 60)} does not exist` };
    if (!found.provider.startsWith('secretKey')) return { why: `only ${plainLine(found.provider, 60)} can open it` };
    return decipher(Buffer.from(found.sealed), this.#secretKey);
  }
}

function readDataKeys(db: GrafanaDatabase) {
  if (!db.hasTable('data_keys')) return new Map();
  const rows = db.all('SELECT name, provider, encrypted_data FROM data_keys');
  return new Map(
    rows.map(({ name, provider, encrypted_data: data }) => [
      String(name),
      { provider: String(provider), sealed: data instanceof Uint8Array ? data : Buffer.from(String(data)) },
    ]),
  );
}

function decipher(payload: Buffer, secret: string | Buffer): Decrypted {
  const { algorithm, rest } = algorithmOf(payload);
  const isGcm = algorithm === 'aes-gcm';
  if (!isGcm && algorithm !== 'aes-cfb') return { why: `the algorithm ${plainLine(algorithm, 40)} is not known` };
  const headBytes = saltBytes + (isGcm ? nonceBytes + tagBytes : ivBytes);
  // Grafana 7.5 ends when it is asked to decrypt one of these.
  if (rest.length < headBytes) return { why: `its ciphertext has only ${rest.length} bytes` };
  const key = pbkdf2Sync(secret, rest.subarray(0, saltBytes), 10_000, 32, 'sha256');
  try {
    return { plain: isGcm ? openGcm(key, rest) : openCfb(key, rest) };
  } catch {
    return { why: 'the key does not open it' };
  }
}

function algorithmOf(payload: Buffer): { algorithm: string; rest: Buffer } {
  const end = payload[0] === 0x2a ? payload.indexOf('*', 1) : -1;
  if (end < 0) return { algorithm: 'aes-cfb', rest: payload };
  const algorithm = Buffer.from(payload.toString('latin1', 1, end), 'base64').toString('utf8');
  return { algorithm, rest: payload.subarray(end + 1) };
}

function openCfb(key: Buffer, payload: Buffer): Buffer {
  const from = saltBytes + ivBytes;
  const cipher = createDecipheriv('aes-256-cfb', key, payload.subarray(saltBytes, from));
  return Buffer.concat([cipher.update(payload.subarray(from)), cipher.final()]);
}

function openGcm(key: Buffer, payload: Buffer): Buffer {
  const from = saltBytes + nonceBytes;
  const cipher = createDecipheriv('aes-256-gcm', key, payload.subarray(saltBytes, from));
  cipher.setAuthTag(payload.subarray(-tagBytes));
  return Buffer.concat([cipher.update(payload.subarray(from, -tagBytes)), cipher.final()]);
}
