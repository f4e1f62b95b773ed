import { formatBytes } from '../../kit/units.ts';
import type { Journal, MemberRecord, ServiceRecord } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { instant, line, nameOf } from './untrusted.ts';

const maxServices = 100;
const maxMembers = 20;
const maxTools = 10;

/** For whoever must prove later what was restored, by what, and where. */
export function originsView(journal: Journal) {
  return {
    facts: factsOf(journal).map(([name, value]) => ({ name, value: line(value) })),
    services: bounded(journal.services, maxServices, originOf),
  };
}

function factsOf({ drill, environment, ownCostMs, exitStatus }: Journal): [string, string][] {
  const { firedrill, node, docker, host, cpus, memoryBytes, peakMemoryBytes } = environment;
  return [
    ['Drill', drill.id],
    ['Began', instant(drill.startedAt)],
    ['Ended', instant(drill.finishedAt)],
    ['Judged as of', instant(drill.asOf)],
    ['Vault', drill.vault],
    ['Exit status', `${exitStatus}`],
    ['Own cost', ownCostMs === null ? 'not measured' : duration(ownCostMs)],
    ['Peak memory of the drill', formatBytes(peakMemoryBytes)],
    ['Machine', `${host}: ${cpus} CPUs, ${formatBytes(memoryBytes)} of memory`],
    ['firedrill', firedrill],
    ['Node.js', node],
    ['Docker', docker ?? 'not reached'],
  ];
}

function originOf({ service, engine, title, image, members }: ServiceRecord) {
  return {
    service: nameOf(service),
    engine: line(`${title} (${engine})`),
    image: image
      ? { name: line(image.name), id: line(image.id), digest: line(image.digest ?? ''), standIn: image.standIn }
      : null,
    members: bounded(members, maxMembers, memberOrigin),
  };
}

function memberOrigin(member: MemberRecord) {
  const tools = Object.entries(member.tools);
  return {
    id: line(member.id),
    manifestSha256: line(member.manifestSha256),
    finishedAt: instant(member.finishedAt),
    source: line(`${member.sourceHost}, version ${member.engineVersion}`),
    tools: line(
      tools
        .slice(0, maxTools)
        .map(([tool, version]) => `${tool} ${version}`)
        .join(', '),
    ),
  };
}
