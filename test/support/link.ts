import { createHash } from 'node:crypto';
import { memberIdOf } from '../../src/model/backup-set.ts';
import type { Dependence, Link } from '../../src/model/chain.ts';
import type { Manifest } from '../../src/model/manifest.ts';

export const sunday = new Date('2026-11-22T01:30:00.000Z');

/** A genuine-looking member of agama, `hours` after Sunday's full. */
export function link(hours: number, parent: Link | null, change: Partial<Manifest> = {}): Link {
  const startedAt = new Date(sunday.getTime() + hours * 3_600_000);
  const kind = parent ? 'incremental' : 'full';
  const manifest = {
    set: 'backup-2026-11-22',
    service: 'agama',
    engine: 'mysql',
    kind,
    id: memberIdOf(kind, startedAt),
    parent: parent && { id: parent.manifest.id, manifestSha256: parent.manifestSha256 },
    startedAt: startedAt.toISOString(),
    dataAt: startedAt.toISOString(),
    finishedAt: startedAt.toISOString(),
    source: { host: 'docker:db', identity: { serverId: 'a1' }, engineVersion: '9.7.4' },
    ...change,
  } as Manifest;
  return { manifest, manifestSha256: createHash('sha256').update(JSON.stringify(manifest)).digest('hex') };
}

/** A full and increments at the given hours after it. */
export function chainOf(hours: readonly number[], dependence: Dependence): Link[] {
  const links = [link(0, null)];
  for (const hour of hours) {
    const parent = dependence === 'previous' ? links.at(-1) : links[0];
    links.push(link(hour, parent as Link));
  }
  return links;
}
