import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { GrafanaDatabase } from '../../../../src/engines/grafana/database/grafana-database.ts';
import { Decrypter } from '../../../../src/engines/grafana/secrets/decrypt.ts';
import { readSecrets } from '../../../../src/engines/grafana/secrets/places.ts';
import { countSecrets, sealSecrets } from '../../../../src/engines/grafana/secrets/seals.ts';
import { encryptSecret, inEnvelope } from '../../../support/grafana-secrets.ts';
import { type Sample, sampleFile, sampleKey } from '../../../support/grafana-source.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const open = (sample: Sample) => new GrafanaDatabase(sampleFile(sample), 'ARTIFACT_FORMAT');

function decryptAll(sample: Sample, key: string): Record<string, string> {
  using db = open(sample);
  const decrypter = new Decrypter(db, key);
  const encrypted = readSecrets(db).flatMap(({ secrets }) => secrets.filter(({ form }) => form === 'encrypted'));
  return Object.fromEntries(
    encrypted.map(({ where, bytes }) => {
      const opened = decrypter.open(bytes);
      return [where, 'plain' in opened ? opened.plain.toString('utf8') : opened.why];
    }),
  );
}

/** A database that has nothing but data keys, as from Grafana 9 on. */
async function withDataKeys(
  rows: [name: string, provider: string, sealed: Buffer][],
  test: (db: GrafanaDatabase) => void,
) {
  await using scratch = await scratchFolder();
  const file = join(scratch.path, 'g.db');
  const made = new DatabaseSync(file);
  made.exec(
    'CREATE TABLE data_keys (name TEXT PRIMARY KEY, active INT, scope TEXT, provider TEXT, encrypted_data BLOB)',
  );
  const insert = made.prepare("INSERT INTO data_keys VALUES (?, 1, 'root', ?, ?)");
  for (const row of rows) insert.run(...row);
  made.close();
  using db = new GrafanaDatabase(file, 'ARTIFACT_FORMAT');
  test(db);
}

const plainOf = (decrypter: Decrypter, payload: Buffer) => {
  const opened = decrypter.open(payload);
  return 'plain' in opened ? opened.plain.toString('utf8') : opened;
};

describe("Grafana's secrets", () => {
  for (const sample of ['6.2.4', '7.3.6', '7.5.5'] as const) {
    it(`are decrypted in a database of ${sample}`, () => {
      const plain = Object.values(decryptAll(sample, sampleKey));
      expect(plain).to.include.members([
        'influx-S3cret-telegraf',
        'influx-S3cret-syslog',
        'prom-S3cret',
        'mysql-S3cret',
      ]);
      if (sample !== '6.2.4') expect(plain).to.include('hook-S3cret');
    });
  }

  it('are garbage with another key, without any error from the cipher', () => {
    const [right, wrong] = [decryptAll('7.5.5', sampleKey), decryptAll('7.5.5', 'another key')];
    expect(Object.keys(wrong)).to.deep.equal(Object.keys(right));
    expect(Object.values(wrong).filter((text) => Object.values(right).includes(text))).to.deep.equal([]);
  });

  it('say where they lie', () => {
    expect(Object.keys(decryptAll('7.5.5', sampleKey))).to.include.members([
      'data source Prometheus of organisation 1: basicAuthPassword',
      'channel pager webhook of organisation 1: password',
    ]);
  });

  it('are opened through an envelope: CFB and GCM, named or not', () => {
    const dataKey = randomBytes(16);
    return withDataKeys([['key/1', 'secretKey.v1', encryptSecret(dataKey, 'root key')]], (db) => {
      const decrypter = new Decrypter(db, 'root key');
      for (const algorithm of [undefined, 'aes-cfb', 'aes-gcm'] as const) {
        expect(plainOf(decrypter, inEnvelope('key/1', encryptSecret('hello', dataKey, algorithm)))).to.equal('hello');
        expect(plainOf(decrypter, encryptSecret('hello', 'root key', algorithm))).to.equal('hello');
      }
    });
  });

  it('say why they cannot be opened', () => {
    const dataKey = randomBytes(16);
    const keys: [string, string, Buffer][] = [
      ['kms', 'awskms.v1', randomBytes(60)],
      ['gcm', 'secretKey.v1', encryptSecret(dataKey, 'root key', 'aes-gcm')],
    ];
    return withDataKeys(keys, (db) => {
      const decrypter = new Decrypter(db, 'another key');
      const why = (payload: Buffer) => (decrypter.open(payload) as { why: string }).why;
      expect(why(inEnvelope('kms', randomBytes(60)))).to.equal('only awskms.v1 can open it');
      expect(why(inEnvelope('gone', randomBytes(60)))).to.equal('its data key gone does not exist');
      expect(why(inEnvelope('gcm', encryptSecret('x', dataKey)))).to.equal('the key does not open it');
      expect(why(Buffer.from('#no end'))).to.equal('its data key is not named');
      expect(why(Buffer.from('twelve bytes'))).to.equal('its ciphertext has only 12 bytes');
      expect(why(Buffer.from('*cm90MTM*twelve bytes and more of them'))).to.equal('the algorithm rot13 is not known');
    });
  });

  describe('seals', () => {
    it('are the same for the same key and salt, and say nothing plain', () => {
      using db = open('7.5.5');
      const first = sealSecrets(db, sampleKey);
      expect(sealSecrets(db, sampleKey, first.salt)).to.deep.equal(first);
      expect(countSecrets(first)).to.deep.equal({ opened: 19, unopened: [] });
      expect(JSON.stringify(first)).to.not.match(/S3cret|hooks|b19e9ab3/);
    });

    it('are all different with another key, and with another salt', () => {
      using db = open('7.5.5');
      const first = sealSecrets(db, sampleKey);
      const seen = new Set(first.columns.flatMap(({ secrets }) => secrets.map(({ hmac }) => hmac)));
      expect(seen.size).to.equal(19);
      for (const other of [sealSecrets(db, 'another key', first.salt), sealSecrets(db, sampleKey)]) {
        const hmacs = other.columns.flatMap(({ secrets }) => secrets.map(({ hmac }) => hmac));
        expect(hmacs.filter((hmac) => seen.has(hmac))).to.deep.equal([]);
      }
    });

    it('tell which secrets the key does not open', () => {
      using db = open('7.5.5');
      const { unopened } = countSecrets(sealSecrets(db, 'another key'));
      expect(unopened).to.have.length(6);
      expect(unopened[0]).to.include({ why: 'the key turns it into no text' });
    });
  });
});
