import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSigningKey } from '../../src/kit/signing-key.ts';
import { memberIdOf, setNameOf } from '../../src/model/backup-set.ts';
import type { ManifestBody } from '../../src/model/manifest.ts';
import { readSigningKey, signManifest } from '../../src/vault/signature.ts';

const hourMs = 3_600_000;
/** An hourly service has so many members a week: one full, and its increments. */
const perWeek = 168;
const serverId = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * A vault with `count` hourly members of one MySQL service with so many tables, each chain whole, the newest an hour old: manifests as
 * large as real ones and signed, artifacts of a few bytes. Returns the path of its configuration.
 */
export async function manyMembers(folder: string, count: number, tables = 40): Promise<string> {
  const { privatePem, publicPem } = createSigningKey();
  const key = readSigningKey(privatePem);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'signing.pub'), publicPem);
  const lastFullMs = sundayBefore(Date.now() - hourMs);
  const weeks = Math.ceil(count / perWeek);
  let parent: ManifestBody['parent'] = null;
  for (let i = 0; i < count; i += 1) {
    const [week, hour] = [Math.floor(i / perWeek), i % perWeek];
    // The newest week is over already, so that no member is dated in the future.
    const startedAt = new Date(lastFullMs + ((week - weeks) * perWeek + hour) * hourMs);
    const body = bodyOf(startedAt, hour, hour === 0 ? null : parent, tables);
    const text = JSON.stringify(signManifest(body, key), null, 1);
    parent = { id: body.id, manifestSha256: hashOf(text) };
    const at = join(folder, 'vault', body.set, body.service, body.id);
    await mkdir(at, { recursive: true });
    for (const { name } of body.artifacts) await writeFile(join(at, name), 'hello');
    await writeFile(join(at, 'manifest.json'), text);
  }
  const file = join(folder, 'firedrill.yaml');
  await writeFile(file, configuration);
  return file;
}

/** Midnight (UTC) of the Sunday at or before an instant. */
function sundayBefore(ms: number): number {
  const day = new Date(ms);
  day.setUTCHours(0, 0, 0, 0);
  return day.getTime() - day.getUTCDay() * 24 * hourMs;
}

function bodyOf(startedAt: Date, hour: number, parent: ManifestBody['parent'], tables: number): ManifestBody {
  const kind = hour === 0 ? 'full' : 'incremental';
  const after = (seconds: number) => new Date(startedAt.getTime() + seconds * 1000).toISOString();
  return {
    ...{ format: 'firedrill-manifest', version: 1, service: 'many', engine: 'mysql', kind, parent },
    ...{ set: setNameOf(startedAt, 'UTC'), id: memberIdOf(kind, startedAt) },
    ...{ startedAt: startedAt.toISOString(), dataAt: after(1), finishedAt: after(2) },
    source: {
      host: 'docker:many',
      identity: { serverId, hostname: 'many', version: '9.7.4', databases: ['many'], replica: null },
      engineVersion: '9.7.4',
    },
    tools: { firedrill: '0.1.0', mysql: '9.7.4' },
    artifacts: ['accounts.json', 'schema.json', kind === 'full' ? 'table-00001.tsv' : `log-${logAt(hour - 1)}`].map(
      (name) => ({ name, bytes: 5, contentBytes: 5, encoding: 'none', role: 'data', sha256: hashOf('hello') }),
    ),
    position: positionOf(startedAt, hour),
    facts: factsOf(startedAt, tables),
  };
}

const logAt = (hour: number) => `binlog.${String(hour + 1).padStart(6, '0')}`;
const transactions = (until: number) => `${serverId}:1-${until}`;

/** Each hour closes a log of a hundred transactions; a full begins with the first. */
function positionOf(startedAt: Date, hour: number): ManifestBody['position'] {
  const place = (at: number) => ({
    binlogFile: logAt(at),
    binlogPosition: 198,
    gtidExecuted: transactions(100 * (at + 1)),
  });
  const own = { clockAheadMs: 0, lockMs: 10, ...place(hour) };
  if (hour === 0) return own;
  const log = {
    artifact: `log-${logAt(hour - 1)}`,
    file: logAt(hour - 1),
    bytes: 262_706,
    transactions: 100,
    previous: transactions(100 * hour),
    gtids: `${serverId}:${100 * hour + 1}-${100 * (hour + 1)}`,
    firstCommitAt: new Date(startedAt.getTime() - hourMs).toISOString(),
    lastCommitAt: startedAt.toISOString(),
  };
  return { ...own, from: place(hour - 1), logs: [log], openXa: [] };
}

function factsOf(startedAt: Date, tables: number): ManifestBody['facts'] {
  const names = Array.from({ length: tables }, (_, i) => `table_${i}`);
  return {
    version: 1,
    dumpId: hashOf(startedAt.toISOString()).slice(0, 32),
    tables: names.map((name, i) => ({
      ...{ database: 'many', name, artifact: '', rows: 50_000 * i, checksum: `${4_099_062_334 - i}`, digest: null },
    })),
    objects: names.map((name) => ({ kind: 'table', name: `many.${name}`, sha256: hashOf(name) })),
  };
}

const configuration = `version: 1
keys: { public: [signing.pub] }
vaults: { onsite: { kind: directory, folder: vault } }
services:
  many:
    engine: mysql
    reach: { docker: many }
    rpo: 1h
    retention: 3650d
    settings: { databases: [many], user: firedrill, password: { env: BENCH_PASSWORD } }
reports: { folder: reports }
`;
