import { glob, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { MemberRef } from '../../../src/model/backup-set.ts';
import type { ArtifactEntry } from '../../../src/model/manifest.ts';
import { type FindingOf, type Saboteur, type Scene, servicesOf } from '../saboteur.ts';
import type { ServiceName } from '../stage.ts';
import type { VaultCopy } from '../vault-copy.ts';

/** Of each engine one. */
const each = ['agama', 'telegraf', 'grafana'] as const;
type Each = (typeof each)[number];

/** An artifact of the full with the service's data, which the newest restore point needs. */
async function dataOf({ copy }: Scene, service: Each): Promise<{ full: MemberRef; entry: ArtifactEntry }> {
  const full = await copy.member(service, 0);
  if (service === 'telegraf') return { full, entry: await shardOf(copy, false) };
  const fits = { agama: isTable, grafana: ({ name }: ArtifactEntry) => name === 'grafana.db' };
  return { full, entry: await copy.entry(full, fits[service]) };
}

const isTable = ({ role, bytes }: ArtifactEntry) => role === 'data' && bytes > 10_000;

/** The largest archive of telegraf's full, of those that a later member stores again, or of the others. */
async function shardOf(copy: VaultCopy, replaced: boolean): Promise<ArtifactEntry> {
  const [full, ...increments] = await copy.chain('telegraf');
  const later = new Set<number>();
  for (const each of increments) {
    const { stored } = (await copy.manifest(each)).position as { stored: number[] };
    for (const id of stored) later.add(id);
  }
  const { artifacts } = await copy.manifest(full as MemberRef);
  const idOf = ({ name }: ArtifactEntry) => Number(/\.s(\d+)\.tar\.gz$/.exec(name)?.[1]);
  const shards = artifacts.filter((each) => each.role === 'shard' && later.has(idOf(each)) === replaced);
  const [largest] = shards.toSorted((one, other) => other.bytes - one.bytes);
  if (!largest) throw new Error(`telegraf has no archive that ${replaced ? 'was' : 'was not'} replaced`);
  return largest;
}

/** What happens to the stored bytes, and what each engine's decoder says when the hash cannot. */
interface Damage {
  id: Saboteur['id'];
  injects: string;
  change(stored: Buffer, entry: ArtifactEntry): Buffer;
  underHash: RegExp;
  decoded: Record<Each, { check: 'format' | 'completeness'; sentence: RegExp }>;
}

const doesNotDecode = { check: 'format', sentence: /does not decode: / } as const;

const isDamaged = { check: 'format', sentence: /^telegraf: .*\.tar\.gz is damaged: / } as const;

const damages: readonly Damage[] = [
  {
    id: 'S01',
    injects: 'one bit in the middle of an artifact has flipped',
    change: (stored) => {
      const at = stored.length >> 1;
      stored.writeUInt8(stored.readUInt8(at) ^ 1, at);
      return stored;
    },
    underHash: /is not what was sealed: its SHA-256 is [0-9a-f]{16}…, the manifest says [0-9a-f]{16}…/,
    decoded: { agama: doesNotDecode, telegraf: isDamaged, grafana: doesNotDecode },
  },
  {
    id: 'S02',
    injects: 'the last 400 bytes of an artifact are missing',
    change: (stored) => stored.subarray(0, -400),
    underHash: /is not what was sealed: it has \d+ bytes, the manifest says \d+/,
    decoded: { agama: doesNotDecode, telegraf: isDamaged, grafana: doesNotDecode },
  },
  {
    id: 'S03',
    injects: 'an artifact is empty',
    change: () => Buffer.alloc(0),
    underHash: /is not what was sealed: it has 0 bytes, the manifest says \d+/,
    decoded: { agama: doesNotDecode, telegraf: isDamaged, grafana: doesNotDecode },
  },
  {
    id: 'S63',
    injects: 'an artifact holds random bytes, as after ransomware',
    change: (stored) => {
      // Of a fixed seed: what is random must not look like a format by chance.
      for (let at = 0, state = 1; at < stored.length; at += 1) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        stored.writeUInt8(state >>> 24, at);
      }
      return stored;
    },
    underHash: /is not what was sealed: its SHA-256 is /,
    decoded: { agama: doesNotDecode, telegraf: isDamaged, grafana: doesNotDecode },
  },
];

const damaged = damages.flatMap(({ id, injects, change, underHash, decoded }) =>
  servicesOf(each, (service): Saboteur[] => {
    const strike = async (scene: Scene) => {
      const { full, entry } = await dataOf(scene, service);
      await scene.copy.spoil(full, entry.name, (stored) => change(stored, entry));
      return full;
    };
    const about = { id, level: 'F', services: [service], injects } as const;
    return [
      {
        ...about,
        inject: async (scene) => void (await strike(scene)),
        expect: { verdict: 'fail', check: 'manifest', service, sentence: underHash },
      },
      {
        ...about,
        resealed: true,
        inject: async (scene) => scene.copy.reseal(await strike(scene)),
        expect: { verdict: 'fail', service, ...decoded[service] },
      },
    ];
  }).flat(),
);

/** A container that is in order and holds nothing: what is left of `dump | gzip` when the dump has failed. */
function hollow(
  service: Each,
  injects: string,
  said: Pick<FindingOf, 'check' | 'sentence'>,
  find: typeof dataOf,
): Saboteur {
  return {
    ...{ id: 'S03', level: 'F', resealed: true, services: [service], injects },
    inject: async (scene) => {
      const { full, entry } = await find(scene, service);
      if (entry.encoding === 'zstd') return scene.copy.putContent(full, entry, Buffer.alloc(0));
      await writeFile(scene.copy.fileOf(full, entry.name), gzipSync(''));
      await scene.copy.reseal(full);
    },
    expect: { verdict: 'fail', service, ...said },
  };
}

const isHollow = 'an artifact is a compressed nothing of some 20 bytes';
const isHollowToo = 'an artifact that only older restore points need is a compressed nothing';

const hollows: readonly Saboteur[] = [
  hollow(
    'agama',
    isHollow,
    { check: 'completeness', sentence: /^agama: table agama\.\w+: its end mark is missing/ },
    dataOf,
  ),
  hollow('telegraf', isHollow, { check: 'format', sentence: /^telegraf: .*\.tar\.gz is damaged: / }, dataOf),
  hollow(
    'grafana',
    isHollow,
    {
      check: 'completeness',
      sentence: /^grafana: the page delta .* was made on another database than that of its full$/,
    },
    dataOf,
  ),
  hollow(
    'telegraf',
    isHollowToo,
    { check: 'format', sentence: /^telegraf: .*\.tar\.gz is damaged: / },
    async ({ copy }) => ({ full: await copy.member('telegraf', 0), entry: await shardOf(copy, true) }),
  ),
  hollow(
    'agama',
    isHollowToo,
    { check: 'format', sentence: /^agama: in incr-\S+, artifact schema\.json of agama is no JSON$/ },
    async ({ copy }) => {
      const full = await copy.member('agama', 1);
      return { full, entry: await copy.entry(full, ({ name }) => name === 'schema.json') };
    },
  ),
];

const missingService = servicesOf(['agama', 'telegraf', 'grafana'] as const, (service): Saboteur => {
  const other: ServiceName = service === 'grafana' ? 'telegraf' : 'grafana';
  return {
    id: 'S05',
    level: 'F',
    services: [service, other],
    injects: `the whole folder of ${service} is missing`,
    inject: async ({ copy }) => rm(await copy.serviceFolder(service), { recursive: true }),
    expect: {
      verdict: 'fail',
      check: 'coverage',
      service: null,
      sentence: new RegExp(`^${service}: there is no completed backup in vault onsite$`),
    },
  };
});

const halfWritten: readonly Saboteur[] = [
  ...servicesOf(
    each,
    (service): Saboteur => ({
      id: 'S06',
      level: 'F',
      services: [service],
      injects: 'the newest member has no manifest, as if its backup had never ended',
      inject: async ({ copy }) => rm(copy.fileOf(await copy.member(service, -1), 'manifest.json')),
      expect: {
        verdict: 'fail',
        check: 'manifest',
        service,
        sentence: new RegExp(`^${service}: incr-\\S+ has no manifest: it was never completed, or was tampered with$`),
      },
    }),
  ),
  {
    id: 'S06',
    level: 'F',
    services: ['telegraf'],
    injects: 'an artifact is missing that the manifest names, as after a full disk',
    inject: async (scene) => {
      const { full, entry } = await dataOf(scene, 'telegraf');
      await rm(scene.copy.fileOf(full, entry.name));
    },
    expect: {
      verdict: 'fail',
      check: 'manifest',
      service: 'telegraf',
      sentence: /^telegraf: artifact \S+\.tar\.gz of \S+full-\S+ is missing$/,
    },
  },
  {
    id: 'S06',
    level: 'F',
    services: ['grafana'],
    injects: 'a file lies in a member that nobody has sealed',
    inject: async ({ copy }) => writeFile(copy.fileOf(await copy.member('grafana', 0), 'more.tar'), 'more'),
    expect: { verdict: 'fail', check: 'manifest', service: 'grafana', sentence: /^grafana: .*more\.tar/ },
  },
  {
    id: 'S06',
    level: 'F',
    services: ['grafana', 'telegraf'],
    injects: 'the only member of grafana was killed half-way and has its temporary name',
    inject: async ({ copy }) => {
      const [full, ...increments] = await copy.chain('grafana');
      for (const member of increments) await copy.remove(member);
      if (full) await rename(copy.folderOf(full), join(copy.folderOf(full), '..', `.partial-${full.id}.4711`));
    },
    expect: { verdict: 'fail', check: 'coverage', service: null, sentence: /^grafana: there is no completed backup/ },
  },
  {
    id: 'S06',
    level: 'F',
    services: ['agama'],
    injects: 'the newest member was killed half-way two hours ago, and no backup was made since',
    inject: async (scene) => {
      const newest = await scene.copy.member('agama', -1);
      await rename(scene.copy.folderOf(newest), join(scene.copy.folderOf(newest), '..', `.partial-${newest.id}.4711`));
      scene.now = new Date(scene.now.getTime() + 2 * hourMs);
    },
    expect: {
      verdict: 'fail',
      check: 'set-age',
      service: 'agama',
      sentence: /^agama: the newest backup is 2 h.* old, its objective is 1 h/,
    },
  },
];

const hourMs = 3_600_000;

/** Puts the members of latency into the place of telegraf's, and the other way round. */
async function swap({ copy }: Scene) {
  const [one, other] = [await copy.serviceFolder('telegraf'), await copy.serviceFolder('latency')];
  await rename(one, `${one}.x`);
  await rename(other, one);
  await rename(`${one}.x`, other);
}

async function renameInManifests(
  { copy }: Scene,
  service: ServiceName,
  change: (identity: Record<string, unknown>) => void,
) {
  for (const member of await copy.chain(service)) {
    await copy.changeManifest(member, (body) => {
      body.service = service;
      change(body.source.identity);
    });
  }
}

const swapped: readonly Saboteur[] = [
  {
    id: 'S08',
    level: 'F',
    services: ['telegraf'],
    injects: 'its folder and that of latency were swapped',
    inject: swap,
    expect: {
      verdict: 'fail',
      check: 'manifest',
      service: 'telegraf',
      sentence: /is not genuine: it says service latency, but lies at telegraf/,
    },
  },
  {
    id: 'S08',
    level: 'F',
    resealed: true,
    services: ['telegraf'],
    injects: 'the members of latency lie in its place, and call themselves telegraf',
    inject: async (scene) => {
      await swap(scene);
      await renameInManifests(scene, 'telegraf', () => {});
    },
    expect: {
      verdict: 'fail',
      check: 'provenance',
      service: 'telegraf',
      sentence: /^telegraf: the backup says that its database is latency, the configuration says telegraf$/,
    },
  },
  {
    id: 'S08',
    level: 'F',
    resealed: true,
    services: ['telegraf'],
    injects: 'the members of latency lie in its place, and say that their database is telegraf',
    inject: async (scene) => {
      await swap(scene);
      await renameInManifests(scene, 'telegraf', (identity) => {
        identity.database = 'telegraf';
      });
    },
    expect: {
      verdict: 'fail',
      check: 'manifest',
      service: 'telegraf',
      sentence:
        /^telegraf: the manifest of \S+ says that its source is database "telegraf", and its facts are of "latency"$/,
    },
  },
];

/** Fresh file times on all that lies in the copy, and a drill ten days later. */
async function tenDaysLater(scene: Scene) {
  scene.now = new Date(scene.now.getTime() + 240 * hourMs);
  for await (const file of glob(join(scene.copy.folder, '**'))) await utimes(file, scene.now, scene.now);
}

const old: readonly Saboteur[] = servicesOf(
  each,
  (service): Saboteur => ({
    id: 'S10',
    level: 'F',
    services: [service],
    injects: 'all files have the times of today, and the newest backup is ten days old',
    inject: tenDaysLater,
    expect: {
      verdict: 'fail',
      check: 'set-age',
      service,
      sentence: new RegExp(`^${service}: the newest backup is 10 d.* old, its objective is (1 h|24 h|1 d)`),
    },
  }),
);

/** Level F, though a source that stood still makes the same: the manifest is as young as can be. */
const stale: readonly Saboteur[] = servicesOf(
  ['agama', 'telegraf'] as const,
  (service): Saboteur => ({
    id: 'S10',
    level: 'F',
    resealed: true,
    services: [service],
    injects: 'the manifests say that the backups are of today, and their data is ten days old',
    inject: async (scene) => {
      await tenDaysLater(scene);
      const later = (instant: string) => new Date(Date.parse(instant) + 240 * hourMs).toISOString();
      for (const member of await scene.copy.chain(service)) {
        await scene.copy.changeManifest(member, (body) => {
          body.dataAt = later(body.dataAt);
        });
      }
    },
    expect: {
      verdict: 'fail',
      check: 'freshness',
      service,
      sentence: new RegExp(
        `^${service}: the newest event inside the backup \\(.*\\) is 10 d.* older than the backup itself$`,
      ),
    },
  }),
);

/** Section A of the catalogue; and S63, which is the same kind of damage. */
export const bytesOnDisk: readonly Saboteur[] = [
  ...damaged,
  ...hollows,
  ...missingService,
  ...halfWritten,
  ...swapped,
  ...old,
  ...stale,
];
