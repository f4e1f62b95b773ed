import {
  decodeHeader,
  encodeHeader,
  endMark,
  endNumber,
  headerBytes,
} from '../../../src/engines/grafana/pages/delta-format.ts';
import type { Json } from '../../../src/kit/json.ts';
import type { MemberRef } from '../../../src/model/backup-set.ts';
import type { ManifestBody } from '../../../src/model/manifest.ts';
import { withoutTransactions } from '../../support/binlog-bytes.ts';
import { type FindingOf, type Saboteur, type Scene, servicesOf, withAndWithoutKey } from '../saboteur.ts';
import { VaultCopy } from '../vault-copy.ts';

const each = ['agama', 'telegraf', 'grafana'] as const;
type Each = (typeof each)[number];
/** Each of their increments needs the one before it; Grafana's need the full only. */
const building = ['agama', 'telegraf'] as const;

const dayMs = 86_400_000;

const withoutFull = servicesOf(
  each,
  (service): Saboteur => ({
    id: 'S30',
    level: 'F',
    services: [service],
    injects: 'the full is missing, its increments are there',
    inject: async ({ copy }) => copy.remove(await copy.member(service, 0)),
    expect: {
      verdict: 'fail',
      check: 'chain',
      service,
      sentence: new RegExp(`^${service}: incr-\\S+ builds on a full that is not in the vault$`),
    },
  }),
);

const withoutMiddle = servicesOf(
  building,
  (service): Saboteur => ({
    id: 'S31',
    level: 'F',
    services: [service],
    injects: 'an increment in the middle is missing',
    inject: async ({ copy }) => copy.remove(await copy.member(service, -2)),
    expect: {
      verdict: 'fail',
      check: 'chain',
      service,
      sentence: new RegExp(`^${service}: incr-\\S+ builds on incr-\\S+, which is not in the vault$`),
      report: new RegExp(
        `${service} can be restored to .* UTC \\((incr|full)-\\S+\\): .* of data would be lost; incr-\\S+ is bad\\.`,
      ),
    },
  }),
);

/** Puts another server's increment in the place of one; `index` as of `VaultCopy.member`. */
async function takeOver(
  { stage, copy }: Scene,
  service: Each,
  index: number,
  change: (own: ManifestBody, foreign: ManifestBody) => void,
) {
  const member = await copy.member(service, index);
  const own = await copy.manifest(member);
  await using twin = await VaultCopy.of(await stage.twin(service));
  await copy.replace(member, twin.folderOf(await twin.member(service, index)), (foreign) => change(own, foreign));
}

/** The foreign manifest calls its server as the own one, and is from the same instant. */
const disguise = ({ source, dataAt }: ManifestBody, foreign: ManifestBody) => {
  foreign.source = { ...foreign.source, host: source.host, identity: source.identity };
  foreign.dataAt = dataAt;
};

const foreignIncrements: readonly Saboteur[] = [
  ...servicesOf(
    building,
    (service): Saboteur => ({
      id: 'S32',
      level: 'F',
      resealed: true,
      services: [service],
      injects: "another server's increment lies in the place of one, with its name and its parent",
      inject: (scene) => takeOver(scene, service, -2, () => {}),
      expect: {
        verdict: 'fail',
        check: 'chain',
        service,
        sentence: new RegExp(`^${service}: incr-\\S+ comes from another server than full-\\S+$`),
      },
    }),
  ),
  {
    id: 'S32',
    level: 'F',
    resealed: true,
    services: ['agama'],
    injects: "another server's increment lies in the place of one, and calls itself the same server",
    inject: (scene) => takeOver(scene, 'agama', -2, disguise),
    expect: {
      verdict: 'fail',
      check: 'chain',
      service: 'agama',
      sentence: /^agama: incr-\S+ does not go on where incr-\S+ ended: it begins /,
    },
  },
  {
    id: 'S32',
    level: 'F',
    resealed: true,
    services: ['telegraf'],
    injects: "another server's increment lies in the place of the newest, and calls itself the same server",
    inject: (scene) => takeOver(scene, 'telegraf', -1, disguise),
    expect: { verdict: 'fail', check: 'content', service: 'telegraf', sentence: /^telegraf: data file / },
  },
  {
    id: 'S32',
    level: 'F',
    resealed: true,
    services: ['grafana'],
    injects: "another server's increment lies in the place of the newest",
    inject: (scene) => takeOver(scene, 'grafana', -1, () => {}),
    expect: {
      verdict: 'fail',
      check: 'chain',
      service: 'grafana',
      sentence:
        /^grafana: incr-\S+ does not go on where \S+ ended: it was made on the database [0-9a-f]{12}…, not on [0-9a-f]{12}…$/,
    },
  },
  {
    id: 'S32',
    level: 'F',
    resealed: true,
    services: ['grafana'],
    injects: "another server's full lies in the place of the full",
    inject: (scene) => takeOver(scene, 'grafana', 0, disguise),
    expect: {
      verdict: 'fail',
      check: 'chain',
      service: 'grafana',
      sentence: /^grafana: incr-\S+ does not go on where full-\S+ ended: /,
    },
  },
];

interface MysqlPosition {
  gtidExecuted: string;
  from: { gtidExecuted: string };
  logs: {
    artifact: string;
    bytes: number;
    transactions: number;
    gtids: string;
    firstCommitAt: null;
    lastCommitAt: null;
  }[];
}

/** Empties the newest increment of each engine; what it says of the source stays. */
const emptied: Record<Each, (copy: VaultCopy, newest: MemberRef) => Promise<void>> = {
  agama: async (copy, newest) => {
    for (const entry of (await copy.manifest(newest)).artifacts.filter(({ name }) => name.startsWith('log-'))) {
      await copy.changeContent(newest, entry, withoutTransactions);
    }
    await copy.changeManifest(newest, ({ artifacts, position }) => {
      const { logs, ...place } = position as unknown as MysqlPosition;
      for (const log of logs) {
        const bytes = artifacts.find(({ name }) => name === log.artifact)?.contentBytes ?? 0;
        Object.assign(log, { bytes, transactions: 0, gtids: '', firstCommitAt: null, lastCommitAt: null });
      }
      Object.assign(position as object, { gtidExecuted: place.from.gtidExecuted });
    });
  },
  telegraf: async (copy, newest) => {
    const shards = (await copy.manifest(newest)).artifacts.filter(({ role }) => role === 'shard');
    for (const { name } of shards) await copy.removeArtifact(newest, name);
    await copy.changeManifest(newest, ({ position }) => {
      Object.assign(position as object, { stored: [] });
    });
  },
  grafana: async (copy, newest) => {
    const entry = await copy.entry(newest, ({ role }) => role === 'delta');
    const header = decodeHeader((await copy.content(newest, entry)).subarray(0, headerBytes));
    const end = Buffer.alloc(4);
    end.writeUInt32BE(endNumber);
    const nothing = encodeHeader({ ...header, records: 0, result: header.base });
    await copy.putContent(newest, entry, Buffer.concat([nothing, end, endMark]));
    await copy.changeManifest(newest, (body) => {
      body.position = { ...(body.position as Record<string, Json>), result: header.base, changed: 0 };
    });
  },
};

const saidOfEmpty: Record<Each, Pick<FindingOf, 'check' | 'sentence'>> = {
  agama: {
    check: 'rows',
    sentence: /^agama: table agama\.todos has \d+ rows after the restore, it had \d+ when it was dumped$/,
  },
  telegraf: { check: 'rows', sentence: /^telegraf: \S+ has [\d,]+ points on [\d-]+, the dump had [\d,]+ points$/ },
  grafana: {
    check: 'inventory',
    sentence: /^grafana: the restored database lacks 1 of the dashboards of Main Org\.: night-1$/,
  },
};

const empty = servicesOf(
  each,
  (service): Saboteur => ({
    id: 'S34',
    level: 'F',
    resealed: true,
    services: [service],
    injects: 'the newest increment holds nothing, though the source had changed',
    inject: async ({ copy }) => emptied[service](copy, await copy.member(service, -1)),
    expect: { verdict: 'fail', service, ...saidOfEmpty[service] },
  }),
);

const tooLong = servicesOf(
  each,
  (service): Saboteur => ({
    id: 'S35',
    level: 'F',
    resealed: true,
    services: [service],
    injects: 'three Sundays had no full, and the newest increment still builds on the old one',
    inject: async (scene) => {
      await scene.copy.postpone(await scene.copy.member(service, -1), 21 * dayMs);
      scene.now = new Date(scene.now.getTime() + 21 * dayMs);
    },
    expect: {
      verdict: 'fail',
      check: 'chain',
      service,
      sentence: new RegExp(`^${service}: incr-\\S+ was made 21\\.0 days after the full that it builds on$`),
    },
  }),
);

const badNewest = servicesOf(each, (service): Saboteur => {
  const roles = { agama: 'binlog', telegraf: 'shard', grafana: 'delta' } as const;
  return {
    id: 'S36',
    level: 'F',
    resealed: true,
    services: [service],
    injects: 'the newest increment is damaged, those before it are good',
    inject: async (scene) => {
      const newest = await scene.copy.member(service, -1);
      const { name } = await scene.copy.entry(newest, ({ role }) => role === roles[service]);
      await scene.copy.spoil(newest, name, (stored) => stored.subarray(0, -20));
      await scene.copy.reseal(newest);
      scene.order.walkBack = 6;
    },
    expect: {
      verdict: 'fail',
      check: 'format',
      service,
      sentence: new RegExp(`^${service}: .*(does not decode|is damaged): `),
      report: new RegExp(
        `${service} can be restored to \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC \\(incr-\\S+\\): .* of data would be lost; incr-\\S+ is bad\\.`,
      ),
    },
  };
});

/** Section C of the catalogue. */
export const chains: readonly Saboteur[] = [
  ...withoutFull,
  ...withoutMiddle,
  ...withAndWithoutKey([...foreignIncrements, ...empty, ...tooLong, ...badNewest]),
];
