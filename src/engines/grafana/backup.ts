import { createReadStream } from 'node:fs';
import type { Activity } from '../../kit/activity.ts';
import type { ArtifactSink, DumpRecord } from '../../model/member.ts';
import type { Source } from '../engine.ts';
import { positionOfFull } from './position.ts';
import type { GrafanaSettings } from './settings.ts';
import { scratchSpace } from './source/scratch-space.ts';
import { addFiles, blocksOfCopy, recordOf, takeCopy } from './source/take-copy.ts';

/** A consistent copy of grafana.db, proven before it is stored, and the files beside it. */
export async function backUpGrafana(
  source: Source<GrafanaSettings>,
  sink: ArtifactSink,
  activity: Activity,
): Promise<DumpRecord> {
  await using scratch = await scratchSpace();
  const copy = await takeCopy(source, scratch, activity);
  const position = positionOfFull(await blocksOfCopy(copy, activity));
  await sink.add('grafana.db', 'database', 'zstd', createReadStream(copy.database.path));
  await addFiles(copy, sink);
  return { ...recordOf(copy), position };
}
