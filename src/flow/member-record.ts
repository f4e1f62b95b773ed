import type { AnyEngine } from '../engines/engine.ts';
import { measuresOf } from '../model/measures.ts';
import type { OpenMember } from '../model/member.ts';
import type { MeasuredMember } from '../model/past-members.ts';

/** What the journal keeps of a member, by its manifest. */
export function memberRecord({ manifest, manifestSha256 }: OpenMember, engine: AnyEngine): MeasuredMember {
  const { id, kind, startedAt, dataAt, finishedAt, source, tools, artifacts } = manifest;
  const bytes = artifacts.reduce((sum, entry) => sum + entry.bytes, 0);
  const { host: sourceHost, engineVersion } = source;
  return {
    id,
    kind,
    manifestSha256,
    bytes,
    artifacts: artifacts.length,
    startedAt,
    dataAt,
    finishedAt,
    sourceHost,
    engineVersion,
    tools,
    measures: measuresOf(artifacts, engine.holds(manifest)),
  };
}
