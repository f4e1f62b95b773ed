import { z } from 'zod';
import { FiredrillError } from '../../kit/errors.ts';
import type { Json } from '../../kit/json.ts';
import { firstIssue } from '../../kit/json.ts';
import { plainLine } from '../../kit/text.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { GrafanaDatabase } from './database/grafana-database.ts';
import { kindNames, readInventory } from './database/inventory.ts';
import { newestEdit } from './database/newest.ts';
import { readSemantics } from './database/semantics.ts';
import { readTables } from './database/tables.ts';
import { sealSecrets } from './secrets/seals.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const rows = z.int().min(0);
const items = z.array(z.strictObject({ key: z.string(), sha256 }));

const seals = z.strictObject({
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  columns: z
    .array(
      z.strictObject({
        column: z.string(),
        secrets: z.array(z.strictObject({ where: z.string(), hmac: sha256 })),
        unopened: z.array(z.strictObject({ where: z.string(), why: z.string(), sha256 })),
      }),
    )
    .min(1),
});

const factsSchema = z.strictObject({
  migrations: z.strictObject({ count: rows, last: z.string() }),
  tables: z.record(z.string(), z.strictObject({ rows, sha256 })),
  organisations: z.array(
    z.strictObject({ id: z.int(), name: z.string(), items: z.strictObject(mapKinds(() => items)) }),
  ),
  secrets: seals,
  semantics: z.strictObject({ dashboards: rows, panels: rows, problems: z.array(z.string()) }),
  /** Ids of the panels that had data at the source, where it could be asked through its API. */
  panelsWithData: z.array(z.string()).exactOptional(),
  newest: z.strictObject({ at: z.iso.datetime({ precision: 3 }), basis: z.string() }).nullable(),
  files: z.array(z.strictObject({ name: z.string(), bytes: rows, sha256 })),
});

/** What one copy of grafana.db, and the files beside it, said. */
export type GrafanaFacts = z.infer<typeof factsSchema>;
export type FileFacts = GrafanaFacts['files'][number];
/** All but the files. */
export type DatabaseFacts = Omit<GrafanaFacts, 'files' | 'secrets' | 'panelsWithData'>;

function mapKinds<T>(make: () => T) {
  return Object.fromEntries(kindNames.map((kind) => [kind, make()])) as Record<(typeof kindNames)[number], T>;
}

export function readFacts(db: GrafanaDatabase, secretKey: string, files: FileFacts[]): GrafanaFacts {
  return { ...readDatabaseFacts(db), secrets: sealSecrets(db, secretKey), files };
}

export function readDatabaseFacts(db: GrafanaDatabase): DatabaseFacts {
  const [last] = db.all('SELECT migration_id FROM migration_log ORDER BY id DESC LIMIT 1');
  return {
    migrations: { count: db.count('SELECT count(*) FROM migration_log'), last: String(last?.migration_id ?? '') },
    tables: readTables(db),
    organisations: readInventory(db),
    semantics: readSemantics(db),
    newest: newestEdit(db),
  };
}

/** MANIFEST_INVALID when the facts are not those that this engine writes. */
export function factsOf({ facts, id }: Manifest): GrafanaFacts {
  const parsed = factsSchema.safeParse(facts);
  if (parsed.success) return parsed.data;
  const why = plainLine(firstIssue(parsed.error) ?? '', 200);
  const sentence = `the facts in the manifest of ${id} cannot be read: ${why}`;
  throw new FiredrillError('MANIFEST_INVALID', sentence);
}

export const factsAsJson = (facts: GrafanaFacts) => facts as Json;
