import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExpireOrder, expire } from '../../../src/flow/expire.ts';
import { compareVaults } from '../../../src/flow/parity.ts';
import { syncVaults } from '../../../src/flow/sync.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import type { Journal } from '../../../src/model/journal.ts';
import { drilledServices } from '../../../src/model/proof.ts';
import { directoryVault } from '../../../src/vault/directory.ts';
import { encryptedVault, type VaultKeys } from '../../../src/vault/encrypted.ts';
import type { Vault } from '../../../src/vault/vault.ts';
import { testActivity } from '../../support/activity.ts';
import { makeAgeKey } from '../../support/age-key.ts';
import { jobOf, occasions, SimulatedNights } from '../../support/daemon-jobs.ts';
import { trusted } from '../../support/member.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { changeBay } from '../lies/engine.ts';
import { refusalOf, seenIn } from '../run-saboteur.ts';
import { type Saboteur, type Scene, type Seen, servicesOf } from '../saboteur.ts';
import type { ServiceName } from '../stage.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const retentionDays = 56;

const at = (now: Date) => ({ ...testActivity(), clock: { ...systemClock, now: () => now } });

/** Days of the end of March, or of October, on which the clocks of most of Europe are changed. */
const clockChanges: readonly Saboteur[] = (
  [
    ['03', 28, 'the clock skips the hour of the nightly backup (Tallinn, 29 March 2026, 03:00)'],
    ['10', 24, 'the hour of the nightly backup comes twice (Tallinn, 25 October 2026, 03:00)'],
  ] as const
).map(
  ([month, day, injects]): Saboteur => ({
    ...{ id: 'S53', level: 'E', services: ['grafana'], injects },
    inject: async () => {},
    run: async () => {
      const job = jobOf('backup', occasions('30 3 * * *', 'Europe/Tallinn'));
      const nights = new SimulatedNights([job], `2026-${month}-${day - 1}T12:00:00Z`, () => ({ minutes: 20 }));
      nights.runUntil(`2026-${month}-${day + 2}T12:00:00Z`);
      // One that has never run makes good for the night before at once.
      const starts = nights.done.map(({ startedAt }) => startedAt).slice(1);
      const dates = starts.map((each) => new Date(Date.parse(each) + 2 * hourMs).toISOString().slice(0, 10));
      const gaps = starts.slice(1).map((each, i) => Date.parse(each) - Date.parse(starts[i] ?? ''));
      const isOncePerDate = dates.length === 3 && new Set(dates).size === 3;
      return {
        verdict: isOncePerDate && Math.max(...gaps) <= 25 * hourMs ? 'prevented' : 'harm',
        report: `backups began at ${starts.join(', ')}: one for each of ${dates.join(', ')}`,
      };
    },
    expect: {
      verdict: 'prevented',
      by: 'the calendar',
      service: null,
      sentence: new RegExp(`one for each of 2026-${month}-${day}, 2026-${month}-${day + 1}, 2026-${month}-${day + 2}$`),
    },
  }),
);

/** Eight weeks of fulls that hold nothing, newer than the one good chain; when it has outlived its retention. */
async function eightBadWeeks(scene: Scene) {
  const full = await scene.copy.member('grafana', 0);
  const entry = await scene.copy.entry(full, ({ name }) => name === 'grafana.db');
  for (let week = 1; week <= 8; week += 1) {
    const bad = await scene.copy.repeat(full, week * 7 * dayMs);
    await scene.copy.putContent(bad, entry, Buffer.alloc(0));
  }
  scene.now = new Date(scene.now.getTime() + 57 * dayMs);
}

async function goodDrill(scene: Scene): Promise<Journal> {
  const journal = await scene.drill();
  if (journal.verdict.verdict !== 'pass') throw new Error(`the good chain did not pass: ${journal.verdict.sentence}`);
  return journal;
}

/** What the expiry leaves of the good chain, and what it says of it. */
async function expireAfter(scene: Scene, drills: readonly Journal[]): Promise<Seen> {
  const good = await scene.copy.chain('grafana').then((members) => members.slice(0, 3));
  const history = drills.toReversed().flatMap(drilledServices);
  const order: ExpireOrder = { vault: scene.copy.vault, trusted, service: 'grafana', retentionDays, history };
  const { chains } = await expire(order, at(scene.now));
  const left = await scene.copy.chain('grafana');
  const isLeft = good.every(({ id }) => left.some((each) => each.id === id));
  const said = chains.find(({ members }) => members[0]?.id === good[0]?.id);
  return { verdict: isLeft ? 'prevented' : 'harm', report: `grafana: ${good[0]?.id} is kept: ${said?.because}` };
}

const onlyGoodChain: readonly Saboteur[] = [
  {
    ...{ id: 'S55', level: 'E', services: ['grafana'] },
    injects: 'the only good chain is older than its retention, eight newer ones hold nothing, and a drill has failed',
    inject: async () => {},
    run: async (scene) => {
      const passed = await goodDrill(scene);
      await eightBadWeeks(scene);
      return expireAfter(scene, [passed, await scene.drill()]);
    },
    expect: {
      verdict: 'prevented',
      by: 'the expiry',
      service: 'grafana',
      sentence:
        /^grafana: full-\S+ is kept: (the last chain that a drill has restored|.*, but the newest drill of it, \S+, failed)$/,
    },
  },
  {
    ...{ id: 'S55', level: 'E', services: ['grafana'] },
    injects:
      'the only good chain is older than its retention, eight newer ones hold nothing, and nobody has drilled them',
    inject: async () => {},
    run: async (scene) => {
      const passed = await goodDrill(scene);
      await eightBadWeeks(scene);
      return expireAfter(scene, [passed]);
    },
    expect: {
      verdict: 'prevented',
      by: 'the expiry',
      service: 'grafana',
      sentence: /^grafana: full-\S+ is kept: the last chain that a drill has restored$/,
    },
  },
  {
    ...{ id: 'S55', level: 'E', services: ['grafana'] },
    injects: 'all backups are older than their retention, since none was made for weeks',
    inject: async () => {},
    run: async (scene) => {
      const passed = await goodDrill(scene);
      const full = await scene.copy.member('grafana', 0);
      // A proven chain that is newer would be kept for itself.
      await scene.copy.repeat(full, -7 * dayMs);
      scene.now = new Date(scene.now.getTime() + 100 * dayMs);
      const kept = await expireAfter(scene, [passed]);
      const left = (await scene.copy.chain('grafana')).length;
      return left === 4 ? kept : { verdict: 'harm', report: `${left} of 4 members are left` };
    },
    expect: {
      verdict: 'prevented',
      by: 'the expiry',
      service: 'grafana',
      sentence: /but no newer chain is there: do backups still run, is the clock right\?$/,
    },
  },
];

const fullDisks: readonly Saboteur[] = [
  ...servicesOf(
    ['agama', 'telegraf', 'grafana'] as const,
    (service): Saboteur => ({
      ...{ id: 'S57', level: 'E', services: [service], live: true },
      injects: "the vault's disk is full before the backup has ended",
      inject: async () => {},
      run: async ({ backUp }) => {
        await using disk = await smallDisk(16_384);
        const vault = directoryVault('onsite', disk.path);
        const seen = await refusalOf(() => backUp('full', { vault }));
        const { members, partial } = await vault.list();
        if (members.length + partial.length === 0) return seen;
        return { verdict: 'harm', report: `left behind: ${[...members, ...partial].map(({ id }) => id).join(', ')}` };
      },
      expect: { verdict: 'refused', code: 'VAULT_WRITE', service, sentence: /^vault onsite is full/ },
    }),
  ),
  {
    ...{ id: 'S57', level: 'E', services: ['grafana'] },
    injects: 'the disk of this machine is too small for what a drill rebuilds there',
    inject: async () => {},
    run: async (scene) => {
      await using disk = await smallDisk(65_536);
      changeBay(scene, 'grafana', () => ({ scratchFolder: disk.path }));
      return seenIn(await scene.drill());
    },
    expect: {
      verdict: 'inconclusive',
      check: 'restore-run',
      service: 'grafana',
      sentence: /^grafana: to rebuild grafana\.db, firedrill needs /,
    },
  },
];

interface Offsite extends AsyncDisposable {
  folder: string;
  open(keys?: Partial<VaultKeys>): Vault;
  keys: Awaited<ReturnType<typeof makeAgeKey>>;
}

/** An encrypted copy of the copy, elsewhere. */
async function offsiteOf(scene: Scene, service: ServiceName): Promise<Offsite> {
  const scratch = await scratchFolder();
  const keys = await makeAgeKey();
  const inner = directoryVault('offsite', scratch.path);
  const open: Offsite['open'] = (more = {}) => encryptedVault(inner, { recipients: [keys.recipient], ...more });
  const { refused, stopped } = await sync(scene, service, open());
  if (stopped ?? refused[0]) throw stopped ?? refused[0]?.error;
  return { folder: scratch.path, open, keys, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

function sync({ copy, now }: Scene, service: ServiceName, to: Vault) {
  const flags = { sameMachineAllowed: true, despiteLoss: false };
  const services = [{ service, retentionDays }];
  return syncVaults({ from: copy.vault, to, trusted, services, ...flags }, at(now));
}

/** Of all files of more than some kilobytes only the beginning is there. */
async function cutLargeFiles(folder: string) {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.age'));
  let cut = 0;
  for (const name of names) {
    const { length } = await readFile(join(folder, name));
    if (length <= 3_000) continue;
    await truncate(join(folder, name), Math.ceil(length * 0.03));
    cut += 1;
  }
  if (cut === 0) throw new Error('there is no large file offsite');
}

const offsiteInPart: readonly Saboteur[] = servicesOf(['agama', 'telegraf', 'grafana'] as const, (service) => {
  const about = { id: 'S58', level: 'F', services: [service], inject: async () => {} } as const;
  const compared: Saboteur = {
    ...about,
    injects: 'of large files offsite only 3 % are there, and nobody has the key at hand',
    run: async (scene) => {
      await using offsite = await offsiteOf(scene, service);
      await cutLargeFiles(offsite.folder);
      const order = { original: scene.copy.vault, copy: offsite.open(), all: true, allowedLagMs: 0 };
      const services = [{ service, retentionDays }];
      const [parity] = await compareVaults({ ...order, trusted, services }, at(scene.now));
      const differences = parity?.differences ?? [];
      return { verdict: differences.length > 0 ? 'prevented' : 'harm', report: differences.join('\n') };
    },
    expect: {
      verdict: 'prevented',
      by: 'the comparison',
      service,
      sentence: new RegExp(
        `^vault offsite: \\S+/${service}/\\S+\\.age of vault offsite is not what was stored: it has \\d+ of \\d+ bytes`,
      ),
    },
  };
  const drilled: Saboteur = {
    ...about,
    injects: 'of large files offsite only 3 % are there, and the drill restores from there',
    run: async (scene) => {
      await using offsite = await offsiteOf(scene, service);
      await cutLargeFiles(offsite.folder);
      scene.order.vault = offsite.open({ identities: offsite.keys.identities });
      return seenIn(await scene.drill());
    },
    expect: {
      verdict: 'fail',
      check: 'manifest',
      service,
      sentence: new RegExp(`^${service}: .* of vault offsite was changed or cut after it was encrypted`),
    },
  };
  return [compared, drilled];
}).flat();

const spreadingLoss: readonly Saboteur[] = [
  {
    ...{ id: 'S59', level: 'F', services: ['telegraf'] },
    injects: 'everything of a service was deleted onsite, and the copying runs',
    inject: async () => {},
    run: async (scene) => {
      await using offsite = await offsiteOf(scene, 'telegraf');
      const before = (await offsite.open().list()).members.length;
      await rm(await scene.copy.serviceFolder('telegraf'), { recursive: true });
      const seen = await refusalOf(() => sync(scene, 'telegraf', offsite.open()));
      const after = (await offsite.open().list()).members.length;
      return after === before ? seen : { verdict: 'harm', report: `${after} of ${before} backups are left offsite` };
    },
    expect: {
      verdict: 'refused',
      code: 'VAULT_SHRUNK',
      service: 'telegraf',
      sentence: /^backups have disappeared from vault onsite; nothing was copied, and vault offsite is as it was$/,
    },
  },
  {
    ...{ id: 'S59', level: 'F', services: ['telegraf'] },
    injects: 'everything of a service was deleted offsite by somebody, and the copying runs',
    inject: async () => {},
    run: async (scene) => {
      await using offsite = await offsiteOf(scene, 'telegraf');
      for (const name of await readdir(offsite.folder)) await rm(join(offsite.folder, name), { recursive: true });
      const { copied } = await sync(scene, 'telegraf', offsite.open());
      const onsite = await scene.copy.chain('telegraf');
      return {
        verdict: copied.length === onsite.length ? 'prevented' : 'harm',
        report: `${copied.length} of ${onsite.length} backups were copied again`,
      };
    },
    expect: {
      verdict: 'prevented',
      by: 'the copying',
      service: 'telegraf',
      sentence: /^3 of 3 backups were copied again$/,
    },
  },
];

const lostKeys: readonly Saboteur[] = (
  [
    ['there is no private key for the offsite copy', async () => ({}), /there is no key to open it$/],
    [
      'the private key that is left does not open the offsite copy',
      async () => ({ identities: (await makeAgeKey()).identities }),
      /no key in escrow\.key opens \S+ of vault offsite$/,
    ],
  ] as const
).map(
  ([injects, keys, sentence]): Saboteur => ({
    ...{ id: 'S61', level: 'E', services: ['grafana'], injects },
    inject: async () => {},
    run: async (scene) => {
      await using offsite = await offsiteOf(scene, 'grafana');
      scene.order.vault = offsite.open(await keys());
      return seenIn(await scene.drill());
    },
    expect: { verdict: 'inconclusive', check: 'restore-run', service: 'grafana', sentence },
  }),
);

/** Every file, under the name that it had. */
const ransomware: readonly Saboteur[] = servicesOf(
  ['agama', 'telegraf', 'grafana'] as const,
  (service): Saboteur => ({
    ...{ id: 'S63', level: 'F', services: [service] },
    injects: 'every file of every member, its manifest too, holds random bytes',
    inject: async ({ copy, random }) => {
      for (const member of await copy.chain(service)) {
        for (const name of await readdir(copy.folderOf(member))) {
          const { length } = await readFile(copy.fileOf(member, name));
          await writeFile(
            copy.fileOf(member, name),
            Uint8Array.from({ length }, () => random() * 256),
          );
        }
      }
    },
    expect: { verdict: 'fail', check: 'manifest', service, sentence: new RegExp(`^${service}: the manifest of \\S+ `) },
  }),
);

/** Whoever drills the copy elsewhere, on another machine, needs nothing of the one whose scheduler is dead. */
const deadScheduler: readonly Saboteur[] = servicesOf(
  ['agama', 'telegraf', 'grafana'] as const,
  (service): Saboteur => ({
    ...{ id: 'S52', level: 'E', services: [service] },
    injects: 'the scheduler has been dead for three weeks, and the copy elsewhere is drilled on another machine',
    inject: async () => {},
    run: async (scene) => {
      await using offsite = await offsiteOf(scene, service);
      scene.now = new Date(scene.now.getTime() + 21 * dayMs);
      scene.order.vault = offsite.open({ identities: offsite.keys.identities });
      return seenIn(await scene.drill());
    },
    expect: {
      verdict: 'fail',
      check: 'set-age',
      service,
      sentence: new RegExp(`^${service}: the newest backup is 21 d.* old, its objective is (1 h|1 d)$`),
    },
  }),
);

/** Section F of the catalogue. */
export const timeAndCopies: readonly Saboteur[] = [
  ...deadScheduler,
  ...clockChanges,
  ...onlyGoodChain,
  ...fullDisks,
  ...offsiteInPart,
  ...spreadingLoss,
  ...lostKeys,
  ...ransomware,
];
