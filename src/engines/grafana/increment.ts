import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import type { Link } from '../../model/chain.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { ArtifactSink, DumpRecord } from '../../model/member.ts';
import type { Source } from '../engine.ts';
import { type BlockList, changedBlocks } from './pages/blocks.ts';
import { blocksIn } from './pages/delta-format.ts';
import { writeDelta } from './pages/write-delta.ts';
import { blocksOf, positionOfIncrement } from './position.ts';
import type { GrafanaSettings } from './settings.ts';
import { scratchSpace } from './source/scratch-space.ts';
import { addFiles, blocksOfCopy, recordOf, type TakenCopy, takeCopy } from './source/take-copy.ts';

/**
 * The pages that differ from the chain's full, and the files beside the database. CHAIN_BROKEN when a delta could not be
 * applied to that full, or would not be worth it.
 */
export async function backUpPages(
  source: Source<GrafanaSettings>,
  chain: readonly Link[],
  sink: ArtifactSink,
  activity: Activity,
): Promise<DumpRecord> {
  const full = (chain[0] as Link).manifest;
  const base = blocksOf(full);
  if (!base) throw broken(`${full.id} does not say which pages it holds`);
  await using scratch = await scratchSpace();
  const copy = await takeCopy(source, scratch, activity);
  assertSameServer(full, copy);
  const now = await blocksOfCopy(copy, activity, base);
  const changed = changedIn(full, base, now);
  const text = `${count(changed, 'page')} of ${now.bytes / now.pageBytes} differ from ${full.id}`;
  activity.tell({ service: source.service, phase: 'backup', text });
  await sink.add('grafana.pages', 'delta', 'zstd', writeDelta(copy.database.path, base, now));
  await addFiles(copy, sink);
  return { ...recordOf(copy), position: positionOfIncrement(base, now, changed) };
}

function assertSameServer({ id, source }: Manifest, { engineVersion, installation }: TakenCopy) {
  if (source.engineVersion !== engineVersion) {
    throw broken(`${id} was made of Grafana ${source.engineVersion}, which is ${engineVersion} now`);
  }
  if (source.identity.serverId !== installation) throw broken(`${id} was made of another installation of Grafana`);
}

/** Returns the number of changed blocks: pages, but in the largest databases. */
function changedIn({ id }: Manifest, base: BlockList, now: BlockList): number {
  if (now.pageBytes !== base.pageBytes) {
    throw broken(`pages have ${formatBytes(now.pageBytes)} now, in ${id} they have ${formatBytes(base.pageBytes)}`);
  }
  const changed = changedBlocks(base, now).length;
  const all = blocksIn(now.bytes, now.blockBytes);
  if (changed * 2 > all) throw broken(`${changed} of ${all} pages differ from ${id}: more than half`);
  return changed;
}

function broken(why: string) {
  return new FiredrillError('CHAIN_BROKEN', why);
}
