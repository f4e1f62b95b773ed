import { z } from 'zod';
import { FiredrillError, messageOf } from '../../kit/errors.ts';
import { firstIssue, parseUntrustedJson } from '../../kit/json.ts';
import { plainLine } from '../../kit/text.ts';

/** What `influxd backup -portable` writes last: which file holds which shard. */
const schema = z.object({
  meta: z.object({ fileName: z.string() }),
  files: z
    .array(
      z.object({
        database: z.string(),
        policy: z.string(),
        shardID: z.int().min(0),
        fileName: z.string().regex(/^\d{8}T\d{6}Z\.s\d+\.tar\.gz$/),
        /** Of the tar archive within the gzip file, in bytes. */
        size: z.int().min(0),
      }),
    )
    .nullable()
    .transform((files) => files ?? []),
});

export type PortableManifest = z.infer<typeof schema>;
export type PortableFile = PortableManifest['files'][number];

export const maxPortableManifestBytes = 16 * 1024 * 1024;

/** The same with all that influxd wrote: what is not known here must come back to it. */
export interface RawPortableManifest {
  files: Record<string, unknown>[];
  [key: string]: unknown;
}

/** Call `parsePortableManifest` as well: that one judges. */
export function rawPortableManifest(bytes: Buffer): RawPortableManifest {
  const raw = JSON.parse(bytes.toString('utf8')) as RawPortableManifest;
  return { ...raw, files: raw.files ?? [] };
}

/** ARTIFACT_FORMAT when it is no such manifest. */
export function parsePortableManifest(bytes: Buffer): PortableManifest {
  try {
    return schema.parse(parseUntrustedJson(bytes, 'the manifest of influxd backup'));
  } catch (cause) {
    if (cause instanceof FiredrillError) throw cause;
    const why = plainLine(firstIssue(cause) ?? messageOf(cause), 200);
    throw new FiredrillError('ARTIFACT_FORMAT', `the manifest of influxd backup cannot be read: ${why}`, { cause });
  }
}
