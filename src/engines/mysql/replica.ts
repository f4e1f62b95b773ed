import { z } from 'zod';
import { FiredrillError } from '../../kit/errors.ts';
import type { Json } from '../../kit/json.ts';
import { plainLine } from '../../kit/text.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Session } from './client.ts';

const replicaState = z.object({
  receives: z.string().nullable(),
  applies: z.string().nullable(),
  lagSeconds: z.number().nullable(),
});

/** null for a server that follows nobody. SOURCE_UNSUITABLE for a replica that stands still: its data is old. */
export async function readReplica(session: Session, service: string): Promise<Json> {
  const [row] = await session.rows('SHOW REPLICA STATUS');
  if (!row) return null;
  const state = {
    source: row.Source_Host ?? null,
    receives: row.Replica_IO_Running ?? null,
    applies: row.Replica_SQL_Running ?? null,
    lagSeconds: row.Seconds_Behind_Source === null ? null : Number(row.Seconds_Behind_Source),
  };
  const stands = standsStill(state);
  if (stands === null) return state;
  const sentence = `${service}: the source is a replica that stands still: ${stands}`;
  throw new FiredrillError('SOURCE_UNSUITABLE', sentence, {
    hint: 'Start the replica and wait until it has caught up, or back up its source instead.',
    detail: [row.Last_IO_Error ?? '', row.Last_SQL_Error ?? ''].filter(Boolean),
  });
}

/** Both threads must run: with the receiver down a replica says that it is not behind at all. */
function standsStill({ receives, applies }: { receives: string | null; applies: string | null }): string | null {
  if (receives === 'Yes' && applies === 'Yes') return null;
  return plainLine(`its receiver says ${receives}, its applier ${applies}`, 200);
}

/** As a manifest tells it, which anybody may have written. */
export function followingOf({ source }: Manifest): { stands: string | null; lagMs: number | null } | null {
  const { replica } = source.identity;
  if (replica === null || replica === undefined) return null;
  const { success, data } = replicaState.safeParse(replica);
  if (!success) return { stands: 'what the manifest says of it makes no sense', lagMs: null };
  return { stands: standsStill(data), lagMs: data.lagSeconds === null ? null : data.lagSeconds * 1000 };
}
