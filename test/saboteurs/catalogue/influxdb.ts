import { writeFile } from 'node:fs/promises';
import type { Restored } from '../../../src/engines/engine.ts';
import { composeMeasurements, composeNewest } from '../../../src/engines/influxdb/compose-facts.ts';
import type { Facts, ShardFacts } from '../../../src/engines/influxdb/facts.ts';
import { type ListedShard, listShards } from '../../../src/engines/influxdb/inventory.ts';
import { restoredClient } from '../../../src/engines/influxdb/restored-server.ts';
import { contentHash } from '../../../src/engines/influxdb/shard-archive.ts';
import type { Host } from '../../../src/hosts/host.ts';
import { runToEnd } from '../../../src/hosts/output.ts';
import type { MemberRef } from '../../../src/model/backup-set.ts';
import type { SandboxRecipe } from '../../../src/model/sandbox.ts';
import { dataFiles, repackShard } from '../../support/shard-archive-bytes.ts';
import { until } from '../../support/until.ts';
import { afterRestore, changeBay } from '../lies/engine.ts';
import { refusalOf } from '../run-saboteur.ts';
import type { FindingOf, Saboteur, Scene } from '../saboteur.ts';
import type { VaultCopy } from '../vault-copy.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type Service = 'telegraf' | 'latency';

const factsIn = async (copy: VaultCopy, member: MemberRef) => (await copy.manifest(member)).facts as unknown as Facts;

async function changeFacts(copy: VaultCopy, member: MemberRef, change: (facts: Facts) => void) {
  await copy.changeManifest(member, ({ facts }) => change(facts as unknown as Facts));
}

const storedIn = async (copy: VaultCopy, member: MemberRef) =>
  ((await copy.manifest(member)).position as { stored: number[] }).stored;

const archiveOf = (copy: VaultCopy, member: MemberRef, id: number) =>
  copy.entry(member, ({ name }) => name.endsWith(`.s${id}.tar.gz`));

/** Puts another archive in the place of a shard's; influxd's own manifest, and hashes of its files in the facts, fit. */
async function putArchive(copy: VaultCopy, member: MemberRef, id: number, archive: Buffer) {
  const { name } = await archiveOf(copy, member, id);
  await writeFile(copy.fileOf(member, name), archive);
  const { tarBytes, files } = await dataFiles(archive);
  const dump = await copy.entry(member, ({ role }) => role === 'manifest');
  await copy.changeText(member, dump, (text) => {
    const manifest = JSON.parse(text) as { files: { shardID: number; size: number }[] };
    for (const file of manifest.files.filter(({ shardID }) => shardID === id)) file.size = tarBytes;
    return JSON.stringify(manifest);
  });
  await changeFacts(copy, member, ({ shards }) => {
    for (const shard of shards.filter((each) => each.id === id)) {
      shard.files = files.filter((file) => file.name.endsWith('.tsm'));
      shard.contentSha256 = contentHash(files);
    }
  });
}

/** Packs a shard's archive again, with other files. */
async function repack(
  copy: VaultCopy,
  member: MemberRef,
  id: number,
  change: Parameters<typeof repackShard>[1],
): Promise<void> {
  const archive = await copy.content(member, await archiveOf(copy, member, id));
  await putArchive(copy, member, id, (await repackShard(archive, change)).archive);
}

/** The shard with the most data files among those that a member stores. */
async function busiestShard(copy: VaultCopy, member: MemberRef): Promise<ShardFacts> {
  const stored = await storedIn(copy, member);
  const { shards } = await factsIn(copy, member);
  const own = shards.filter(({ id }) => stored.includes(id)).sort((a, b) => b.files.length - a.files.length);
  if (!own[0]) throw new Error(`${member.id} stores no shard`);
  return own[0];
}

const missingPoints = {
  check: 'rows',
  sentence: /^telegraf: \S+ has [\d,]+ points? on [\d-]+( \(and \d+ other days?\))?, the dump had [\d,]+ points?$/,
} as const;

/** Of a change to telegraf's members that hashes, seals and influxd's own manifest do not show. */
const resealed = (
  id: Saboteur['id'],
  injects: string,
  inject: Saboteur['inject'],
  expect: Pick<FindingOf, 'check' | 'sentence'> = missingPoints,
): Saboteur => ({
  ...{ id, level: 'F', resealed: true, services: ['telegraf'], injects, inject },
  expect: { verdict: 'fail', service: 'telegraf', ...expect },
});

const partialShards: readonly Saboteur[] = [
  resealed('S37', 'the newest increment holds of a shard only the newest of its data files', async ({ copy }) => {
    const newest = await copy.member('telegraf', -1);
    const { id, files } = await busiestShard(copy, newest);
    const last =
      files
        .map(({ name }) => name)
        .sort()
        .at(-1) ?? '';
    if (files.length < 2) throw new Error(`shard ${id} has one data file only`);
    await repack(copy, newest, id, (name, content) => (name.endsWith(last) ? { name, content } : undefined));
  }),
  resealed('S39', 'an increment lacks a shard that had changed, of a day before', async ({ copy }) => {
    const [full, first, newest] = (await copy.chain('telegraf')) as [MemberRef, MemberRef, MemberRef];
    const { shards } = await factsIn(copy, newest);
    const later = await storedIn(copy, newest);
    const id = (await storedIn(copy, first)).find((each) => !later.includes(each));
    const before = (await factsIn(copy, full)).shards.find((each) => each.id === id);
    if (!before || !shards.some((each) => each.id === id)) throw new Error('no shard of a day before had changed');
    await copy.removeArtifact(first, (await archiveOf(copy, first, before.id)).name);
    await copy.changeManifest(first, ({ position }) => {
      Object.assign(position as object, { stored: later.filter((each) => each !== id) });
    });
    for (const member of [first, newest]) await pretendUnchanged(copy, member, before);
  }),
  resealed('S39', 'the newest increment holds an older state of a shard, that of the full', async ({ copy }) => {
    const [full, newest] = [await copy.member('telegraf', 0), await copy.member('telegraf', -1)];
    const { id } = await busiestShard(copy, newest);
    await putArchive(copy, newest, id, await copy.content(full, await archiveOf(copy, full, id)));
  }),
  resealed('S39', "a shard's archive holds the hours of another day, twice then", async ({ copy }) => {
    const full = await copy.member('telegraf', 0);
    const newest = await copy.member('telegraf', -1);
    const { id, policy } = await busiestShard(copy, newest);
    const other = (await factsIn(copy, full)).shards.find((each) => each.policy === policy && each.id !== id);
    if (!other) throw new Error('there is no other day');
    const archive = await copy.content(full, await archiveOf(copy, full, other.id));
    const renamed = await repackShard(archive, (name, content) => ({
      name: name.replace(`/${other.id}/`, `/${id}/`),
      content,
    }));
    await putArchive(copy, newest, id, renamed.archive);
  }),
];

/** The files of a shard are said to be those of an older member; its points are what they were. */
async function pretendUnchanged(
  copy: VaultCopy,
  member: MemberRef,
  { id, files, contentSha256, tombstones }: ShardFacts,
) {
  await changeFacts(copy, member, ({ shards }) => {
    for (const shard of shards.filter((each) => each.id === id))
      Object.assign(shard, { files, contentSha256, tombstones });
  });
}

/** Shards that were written to in the last hours: at midnight two. */
const isCurrent = ({ end }: Pick<ListedShard, 'end'>, now: Date) => Date.parse(end) > now.getTime() - 3 * hourMs;

async function emptyCurrentShards({ copy, now }: Scene, service: Service) {
  const newest = await copy.member(service, -1);
  const stored = await storedIn(copy, newest);
  const { shards } = await factsIn(copy, newest);
  const current = shards.filter((each) => isCurrent(each, now) && stored.includes(each.id));
  if (current.length === 0) throw new Error(`${newest.id} stores no current shard`);
  for (const { id } of current) await repack(copy, newest, id, () => undefined);
  return { newest, ids: current.map(({ id }) => id) };
}

/** As if a dump over the network had left the server's cache out: `influxd backup` itself has ended well. */
function withoutCurrentShards(host: Host, ids: readonly number[]): Host {
  const script = `cd "$1" && shift && for id; do
      tar -cf - -T /dev/null | gzip > *.s"$id".tar.gz
      perl -0pi -e 's/("fileName"\\s*:\\s*"[^"]*\\.s'"$id"'\\.tar\\.gz",\\s*"size"\\s*:\\s*)\\d+/\${1}10240/' *.manifest
    done`;
  return {
    label: host.label,
    connect: (to) => host.connect(to),
    run: (command) => {
      const running = host.run(command);
      if (!command.args.some((each) => each.includes('exec influxd backup'))) return running;
      const args = ['-c', script, 'sh', command.args[3] ?? '', ...ids.map(String)];
      const done = running.done.then((exit) => runToEnd(host, { tool: 'bash', args }).then(() => exit));
      done.catch(() => {});
      return { stdout: running.stdout, done };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

const emptyShards: readonly Saboteur[] = [
  {
    ...{ id: 'S38', level: 'S', services: ['latency'] },
    injects: 'the current shard is empty in the dump, whose tool has ended well',
    inject: async () => {},
    run: async ({ stage, backUp, now }) => {
      const shards = await listShards(stage.influxdb.client, 'latency');
      const ids = shards.filter((each) => isCurrent(each, now)).map(({ id }) => id);
      const source = stage.sources.latency;
      return refusalOf(() => backUp('full', { source: { ...source, host: withoutCurrentShards(source.host, ids) } }));
    },
    expect: {
      verdict: 'refused',
      code: 'BACKUP_INCOMPLETE',
      service: 'latency',
      sentence: /^the backup lacks the newest points of month\.ping: the server had \S+, the backup ends at \S+$/,
    },
  },
  resealed('S38', 'the current shard is empty in the newest increment', async (scene) => {
    await emptyCurrentShards(scene, 'telegraf');
  }),
  {
    ...{ id: 'S38', level: 'F', resealed: true, services: ['latency'] },
    injects: 'the current shard is empty in the newest increment, and its facts know of no points in it either',
    inject: async (scene) => {
      const { newest, ids } = await emptyCurrentShards(scene, 'latency');
      await changeFacts(scene.copy, newest, (facts) => {
        for (const shard of facts.shards.filter(({ id }) => ids.includes(id))) {
          Object.assign(shard, { measurements: [], newest: null });
        }
        facts.measurements = composeMeasurements(facts.shards);
        facts.newest = composeNewest(facts.shards);
      });
    },
    expect: {
      verdict: 'fail',
      check: 'freshness',
      service: 'latency',
      sentence: /^latency: the newest event inside the backup \(month\.ping, .*\) is .* older than the backup itself$/,
    },
  },
];

const clientOf = ({ server }: Pick<Restored, 'server'>) => restoredClient(server, new AbortController().signal);

const sideloaded: Saboteur = {
  ...{ id: 'S40', level: 'E', services: ['telegraf'] },
  injects: 'the restore copies points by SELECT INTO without GROUP BY, which makes fields of their tags',
  inject: async (scene) =>
    afterRestore(scene, 'telegraf', async (restored) => {
      const client = clientOf(restored);
      await client.query('SELECT * INTO telegraf.days.aside FROM telegraf.days.cpu');
      await client.query('DROP MEASUREMENT cpu', 'telegraf');
      await client.query('SELECT * INTO telegraf.days.cpu FROM telegraf.days.aside');
      await client.query('DROP MEASUREMENT aside', 'telegraf');
      return undefined;
    }),
  expect: {
    verdict: 'fail',
    check: 'inventory',
    service: 'telegraf',
    sentence: /^telegraf: days\.cpu has lost the tag cpu, host$/,
    report: /days\.cpu has a new field .*host \(string\)/,
  },
};

const occupied: Saboteur = {
  ...{ id: 'S41', level: 'E', services: ['telegraf'] },
  injects: 'the server that it is restored into holds a database of that name already',
  inject: async (scene) =>
    changeBay(scene, 'telegraf', (bay) => ({
      start: async (recipe) => {
        const server = await bay.start(recipe);
        const create = () => clientOf({ server }).query('CREATE DATABASE telegraf');
        await until('InfluxDB takes a database', () => create().catch(() => undefined));
        return server;
      },
    })),
  expect: {
    verdict: 'inconclusive',
    check: 'restore-run',
    service: 'telegraf',
    sentence: /^telegraf: the target of the restore was not empty$/,
  },
};

const evaporating: Saboteur = {
  ...{ id: 'S43', level: 'E', services: ['telegraf'] },
  injects: 'the restored server enforces its retention policy of 7 days, and the backup has points of 20 days ago',
  inject: async (scene) => {
    const { influxdb } = scene.stage;
    await influxdb.query('CREATE DATABASE evaporating WITH DURATION INF SHARD DURATION 1d NAME week');
    const at = (days: number) => `cpu,host=a v=${days} ${Date.now() - days * dayMs}000000`;
    await influxdb.write('evaporating', 'week', [at(0), at(20)]);
    await influxdb.query('ALTER RETENTION POLICY week ON evaporating DURATION 7d');
    const source = influxdb.source({ database: 'evaporating' });
    await scene.backUp('full', { source });
    scene.order.services = scene.order.services.map((each) => ({ ...each, settings: source.settings }));
    enforceRetention(scene);
  },
  expect: {
    verdict: 'fail',
    check: 'rows',
    service: 'telegraf',
    sentence: /^telegraf: week\.cpu\.v has 0 points on \d{4}-\d\d-\d\d, the dump had 1 point$/,
  },
};

/** Starts the restored server a second time, with what a drill switches off, and waits until it has done its work. */
function enforceRetention(scene: Scene) {
  let again = async (): Promise<Restored['server']> => Promise.reject(new Error('nothing was started'));
  afterRestore(scene, 'telegraf', async ({ server }) => {
    await server.stop();
    const next = await again();
    const isGone = async () => (await listShards(clientOf({ server: next }), 'evaporating')).length === 1;
    await until(
      'the old shard is gone',
      () =>
        isGone().then(
          (gone) => gone || undefined,
          () => undefined,
        ),
      60_000,
    );
    return { server: next };
  });
  changeBay(scene, 'telegraf', (bay) => ({
    start: (recipe: SandboxRecipe) => {
      const env = { ...recipe.env, INFLUXDB_RETENTION_ENABLED: 'true', INFLUXDB_RETENTION_CHECK_INTERVAL: '1s' };
      again = () => bay.start({ ...recipe, env });
      return bay.start(recipe);
    },
  }));
}

/** Section D of the catalogue. */
export const influxdbFaults: readonly Saboteur[] = [
  ...partialShards,
  ...emptyShards,
  sideloaded,
  occupied,
  evaporating,
];
