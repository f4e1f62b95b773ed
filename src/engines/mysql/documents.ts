import { z } from 'zod';
import { FiredrillError } from '../../kit/errors.ts';
import { firstIssue, parseUntrustedJson } from '../../kit/json.ts';
import { collect } from '../../kit/streams.ts';
import { plainLine } from '../../kit/text.ts';
import type { OpenMember } from '../../model/member.ts';
import { columnForms } from './columns.ts';

/** The JSON artifacts and the facts of a MySQL backup. They come back as untrusted input, and are judged here. */

export const schemaArtifact = 'schema.json';
export const accountsArtifact = 'accounts.json';
const maxDocumentBytes = 256 * 1024 * 1024;

/** Of names a server takes 64 characters, of hosts 255. */
const text = z.string().max(1024);
/** A definition; the server's own limits are far below. */
const sql = z.string().max(16 * 1024 * 1024);
/** Of a character set or collation: it is put into statements as it is. */
const word = z.string().regex(/^[A-Za-z0-9_]*$/);
const count = z.int().min(0);

/** What a stored program was created under, and needs again. */
const context = z.strictObject({
  sqlMode: z.string().regex(/^[A-Z0-9_,]*$/),
  charset: word,
  collation: word,
  databaseCollation: word,
});

const table = z.strictObject({
  name: text,
  create: sql,
  columns: z.array(z.strictObject({ name: text, form: z.enum(columnForms) })),
});
const view = z.strictObject({ name: text, create: sql, charset: word, collation: word });
const program = z.strictObject({ name: text, create: sql, context });

const database = z.strictObject({
  name: text,
  charset: word,
  collation: word,
  tables: z.array(table),
  functions: z.array(program),
  procedures: z.array(program),
  triggers: z.array(program),
  events: z.array(program.extend({ timeZone: z.string().regex(/^[A-Za-z0-9_+:/-]+$/) })),
});

export const schemaDocument = z.strictObject({
  format: z.literal('firedrill-mysql-schema'),
  version: z.literal(1),
  /** What a server must be made with to hold this. */
  birth: z.strictObject({ lowerCaseTableNames: z.int().min(0).max(2), pageSizeBytes: z.int().min(4096).max(65_536) }),
  databases: z.array(database).min(1),
  /** Of all databases, each after those that it reads. */
  views: z.array(view.extend({ database: text })),
});

const account = z.strictObject({
  user: text,
  host: text,
  create: sql,
  grants: z.array(sql),
  defaultRoles: z.array(z.strictObject({ user: text, host: text })),
});

export const accountsDocument = z.strictObject({
  format: z.literal('firedrill-mysql-accounts'),
  version: z.literal(1),
  partialRevokes: z.boolean(),
  accounts: z.array(account),
});

export const factsSchema = z.strictObject({
  version: z.literal(1),
  /** In the end mark of each table's artifact. */
  dumpId: z.string().regex(/^[0-9a-f]{32}$/),
  tables: z.array(
    z.strictObject({
      database: text,
      name: text,
      /** Of its rows; '' when they are in parts, and in an increment, which has none. */
      artifact: text,
      /** Of a large table: those of ranges of its primary key, in their order. Each has its own end mark. */
      parts: z
        .array(z.strictObject({ artifact: text, rows: count }))
        .min(2)
        .optional(),
      rows: count,
      /** CHECKSUM TABLE, 32 bits; null for a table of which it says nothing. */
      checksum: z.string().regex(/^\d+$/).nullable(),
      /** Sum of each row's SHA-256, in four parts; of tables without a checksum, or that the configuration names. */
      digest: z.string().min(1).nullable(),
    }),
  ),
  /** SHA-256 of each object's normalised definition. */
  objects: z.array(z.strictObject({ kind: text, name: text, sha256: text })),
  accounts: z.array(z.strictObject({ name: text, sha256: text })),
  /** Views that cannot be used on the source itself: they are not restored. */
  brokenViews: z.array(text),
  newest: z
    .strictObject({
      database: text,
      table: text,
      column: text,
      /** As the column shows it, TIMESTAMP in UTC. */
      text: text,
      /** The snapshot's instant in the same form: later values are not looked at. */
      until: text,
      /** Of the column's clock from UTC. */
      offsetSeconds: z.int(),
      at: z.iso.datetime({ precision: 3 }),
    })
    .nullable(),
});

export type SchemaDocument = z.infer<typeof schemaDocument>;
export type DatabaseSchema = z.infer<typeof database>;
export type ViewSchema = SchemaDocument['views'][number];
export type ProgramSchema = z.infer<typeof program>;
export type EventSchema = DatabaseSchema['events'][number];
export type ProgramContext = z.infer<typeof context>;
export type AccountsDocument = z.infer<typeof accountsDocument>;
export type Account = z.infer<typeof account>;
export type Facts = z.infer<typeof factsSchema>;
export type TableFacts = Facts['tables'][number];
/** What one artifact holds of a table. */
export interface DataFacts {
  artifact: string;
  rows: number;
}
export type ObjectFacts = Facts['objects'][number];

/** The artifacts of a table's rows: one, or those of its parts. */
export function dataOf({ artifact, rows, parts }: TableFacts): readonly DataFacts[] {
  return parts ?? [{ artifact, rows }];
}

/** MANIFEST_INVALID also when they are of other databases than the manifest's source. */
export function readFacts(member: OpenMember): Facts {
  const { id, facts, source } = member.manifest;
  const read = judged(factsSchema, facts, 'MANIFEST_INVALID', `the facts of ${id}`);
  const { databases } = source.identity;
  const stranger = Array.isArray(databases) && read.tables.find(({ database }) => !databases.includes(database));
  if (!stranger) return read;
  const [named, held] = [JSON.stringify(databases), JSON.stringify(stranger.database)].map((text) =>
    plainLine(text, 200),
  );
  const sentence = `the manifest of ${id} says that its source is of ${named}, and its facts know a table of ${held}`;
  throw new FiredrillError('MANIFEST_INVALID', sentence);
}

export async function readSchema(member: OpenMember): Promise<SchemaDocument> {
  return readDocument(member, schemaArtifact, schemaDocument);
}

export async function readAccounts(member: OpenMember): Promise<AccountsDocument> {
  return readDocument(member, accountsArtifact, accountsDocument);
}

/** An artifact of JSON. ARTIFACT_FORMAT when it is none, or not as `schema` says. */
export async function readDocument<T>(member: OpenMember, name: string, schema: z.ZodType<T>): Promise<T> {
  const what = `artifact ${name} of ${member.manifest.service}`;
  const bytes = await collect(member.content(name), maxDocumentBytes, what);
  return judged(schema, parsed(bytes, what), 'ARTIFACT_FORMAT', what);
}

function parsed(json: Buffer, what: string): unknown {
  try {
    return parseUntrustedJson(json, what);
  } catch (cause) {
    if (cause instanceof FiredrillError) throw cause;
    throw new FiredrillError('ARTIFACT_FORMAT', `${what} is no JSON`, { cause });
  }
}

function judged<T>(
  schema: z.ZodType<T>,
  value: unknown,
  code: 'ARTIFACT_FORMAT' | 'MANIFEST_INVALID',
  what: string,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const why = plainLine(firstIssue(result.error) ?? '', 200);
  const sentence = `${what} is not as it must be: ${why}`;
  throw new FiredrillError(code, sentence, { cause: result.error });
}
