import { announceDrill, statusAfter } from '../../../src/flow/announce.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { describeMember } from '../../../src/model/backup-set.ts';
import type { CheckResult } from '../../../src/model/check.ts';
import { renderText } from '../../../src/report/render-text.ts';
import { everybody } from '../../support/everybody.ts';
import type { Says } from '../../support/mail-server.ts';
import { reportsOf } from '../../support/reports.ts';
import { changedDocker } from '../lies/docker.ts';
import { afterRestore, changeEngine } from '../lies/engine.ts';
import { refusalOf } from '../run-saboteur.ts';
import { type Saboteur, type Scene, type Seen, servicesOf } from '../saboteur.ts';
import { silence } from './silence.ts';

const hourMs = 3_600_000;
const each = ['agama', 'telegraf', 'grafana'] as const;

const clocks: readonly Saboteur[] = [
  {
    ...{ id: 'S68', level: 'E', services: ['grafana'] },
    injects: 'the clock that times the restore stands still',
    inject: async (scene) => {
      scene.clock.monotonicMs = () => 0;
    },
    expect: {
      verdict: 'inconclusive',
      check: 'rto',
      service: null,
      sentence: /^the restore time was not measured: the clock says 0 s$/,
    },
  },
  {
    ...{ id: 'S68', level: 'E', services: ['grafana'] },
    injects: 'the timer of the restore starts when the restore is under way',
    inject: async (scene) => {
      // The first question is the timer's start; all others are answered in truth.
      let asked = 0;
      scene.clock.monotonicMs = () => systemClock.monotonicMs() + (asked++ === 0 ? 300 : 0);
    },
    expect: {
      verdict: 'inconclusive',
      check: 'rto',
      service: null,
      sentence: /^the restore time was not measured: its clock went back by 0\.3 s$/,
    },
  },
  {
    ...{ id: 'S68', level: 'E', services: ['grafana'] },
    injects: 'the clock that times the restore steps back in the middle of it',
    inject: async (scene) => {
      let backMs = 0;
      scene.clock.monotonicMs = () => systemClock.monotonicMs() - backMs;
      afterRestore(scene, 'grafana', async () => {
        backMs = 300;
        return undefined;
      });
    },
    expect: {
      verdict: 'inconclusive',
      check: 'rto',
      service: null,
      sentence: /^the restore time was not measured: its clock went back by 0\.\d s$/,
    },
  },
  {
    ...{ id: 'S68', level: 'E', services: ['grafana'] },
    injects: 'the wall clock is set back by an hour in the middle of the restore',
    inject: async () => {},
    run: async (scene) => {
      afterRestore(scene, 'grafana', async () => {
        scene.now = new Date(scene.now.getTime() - hourMs);
        return undefined;
      });
      const { verdict, rto, drill } = await scene.drill();
      const tookMs = Date.parse(drill.finishedAt) - Date.parse(drill.startedAt);
      const isRight = verdict.verdict === 'pass' && (rto.usedMs ?? 0) > 0 && tookMs >= (rto.usedMs ?? 0);
      return { verdict: isRight ? 'prevented' : 'harm', report: verdict.sentence };
    },
    expect: {
      verdict: 'prevented',
      by: 'the monotonic clock',
      service: 'grafana',
      sentence: /^The service was restored in [\d.]+ s of 30 m,/,
    },
  },
];

const nothing: readonly Saboteur[] = [
  ...servicesOf(
    each,
    (service): Saboteur => ({
      ...{ id: 'S69', level: 'E', services: [service] },
      injects: 'its engine has an empty list of checks, and none of them fails',
      inject: async (scene) =>
        changeEngine(scene, service, (engine) => ({
          drills: [],
          restore: async (...args) => ({ ...(await engine.restore(...args)), results: [] }),
          check: async () => ({ results: [], newest: { at: scene.now.toISOString(), basis: 'nothing' } }),
        })),
      expect: {
        verdict: 'inconclusive',
        check: 'self-check',
        service: null,
        sentence: new RegExp(`^no check looks into the restored data of ${service}$`),
      },
    }),
  ),
  {
    ...{ id: 'S69', level: 'E', services: ['telegraf'] },
    injects: 'its checks give no results, and so none that failed',
    inject: async (scene) =>
      changeEngine(scene, 'telegraf', (engine) => ({
        check: async (...args) => ({ ...(await engine.check(...args)), results: [] }),
      })),
    expect: {
      verdict: 'inconclusive',
      check: 'self-check',
      service: null,
      sentence: /^check rows of telegraf gave no result$/,
    },
  },
  {
    ...{ id: 'S69', level: 'E', services: ['telegraf'] },
    injects: 'its checks pass without having looked at anything, as by a filter that fits nothing',
    inject: async (scene) => changeResults(scene, (result) => ({ ...result, expected: 0, lookedAt: 0 })),
    expect: {
      verdict: 'inconclusive',
      check: 'self-check',
      service: null,
      sentence: /^check rows of telegraf looked at 0 counts of fields.* and expected 0$/,
    },
  },
  {
    ...{ id: 'S69', level: 'E', services: ['telegraf'] },
    injects: 'its checks pass and have looked at half of what they should',
    inject: async (scene) =>
      changeResults(scene, (result) => ({ ...result, lookedAt: Math.floor(result.expected / 2) })),
    expect: {
      verdict: 'inconclusive',
      check: 'self-check',
      service: null,
      sentence: /^check rows of telegraf looked at \d+ counts of fields.* and expected \d+$/,
    },
  },
  {
    ...{ id: 'S69', level: 'E', services: ['telegraf'] },
    injects: 'no service is drilled at all',
    inject: async ({ order }) => {
      order.services = [];
    },
    run: (scene) => refusalOf(() => scene.drill()),
    expect: { verdict: 'refused', code: 'USAGE', service: null, sentence: /^no service was named to be drilled$/ },
  },
];

function changeResults(scene: Scene, change: (result: CheckResult) => CheckResult) {
  changeEngine(scene, 'telegraf', (engine) => ({
    check: async (...args) => {
      const checked = await engine.check(...args);
      return { ...checked, results: checked.results.map(change) };
    },
  }));
}

const swallowed: readonly Saboteur[] = [
  {
    ...{ id: 'S70', level: 'E', services: ['telegraf', 'grafana'] },
    injects: 'Docker creates no container',
    inject: async ({ order }) => {
      order.docker = changedDocker(order.docker, () => {
        throw new Error('no more containers');
      });
    },
    expect: {
      verdict: 'inconclusive',
      check: 'restore-run',
      service: null,
      sentence: /^Docker could not create the pod: no more containers$/,
    },
  },
  {
    ...{ id: 'S70', level: 'E', services: ['telegraf'] },
    injects: 'Docker creates the pod, and not the container of the service',
    inject: async ({ order }) => {
      order.docker = changedDocker(order.docker, (options) => {
        if (options.name?.endsWith('-pod')) return options;
        throw new Error('no more containers');
      });
    },
    expect: {
      verdict: 'inconclusive',
      check: 'restore-run',
      service: 'telegraf',
      sentence: /^telegraf: Docker could not create the container of telegraf: no more containers$/,
    },
  },
  ...servicesOf(
    each,
    (service): Saboteur => ({
      ...{ id: 'S70', level: 'E', services: [service] },
      injects: 'its check breaks off with a fault of its own',
      inject: async (scene) =>
        changeEngine(scene, service, () => ({
          check: async () => {
            throw new TypeError('cannot read properties of undefined');
          },
        })),
      expect: {
        verdict: 'inconclusive',
        check: 'restore-run',
        service,
        sentence: new RegExp(`^${service}: cannot read properties of undefined$`),
      },
    }),
  ),
];

const yesterdays: readonly Saboteur[] = [
  ...servicesOf(
    each,
    (service): Saboteur => ({
      ...{ id: 'S72', level: 'E', services: [service] },
      injects: 'the list of the vault is that of two days ago, when the newest backup was another',
      inject: async (scene) => {
        const { vault } = scene.copy;
        const known = await vault.list();
        scene.order.vault = { ...vault, list: async () => known };
        scene.now = new Date(scene.now.getTime() + 48 * hourMs);
        await scene.copy.repeat(await scene.copy.member(service, 0), 48 * hourMs);
      },
      expect: {
        verdict: 'fail',
        check: 'set-age',
        service,
        sentence: new RegExp(`^${service}: the newest backup is 2 d.* old, its objective is `),
        report: new RegExp(`${service} .* incr-`),
      },
    }),
  ),
  ...servicesOf(
    each,
    (service): Saboteur => ({
      ...{ id: 'S72', level: 'E', services: [service] },
      injects: 'what is read of the newest member is that of the one before it',
      inject: async ({ order, copy }) => {
        const { vault } = copy;
        const [newest, before] = [await copy.member(service, -1), await copy.member(service, -2)];
        const isNewest = (ref: Parameters<typeof vault.read>[0]) => describeMember(ref) === describeMember(newest);
        order.vault = { ...vault, read: (ref, file) => vault.read(isNewest(ref) ? before : ref, file) };
      },
      expect: {
        verdict: 'fail',
        check: 'manifest',
        service,
        sentence: new RegExp(
          `^${service}: the manifest of \\S+ is not genuine: it says member \\S+, but lies at \\S+$`,
        ),
      },
    }),
  ),
  {
    ...{ id: 'S72', level: 'E', services: ['telegraf'] },
    injects: 'the newest member is not listed, and the one before it is young enough',
    inject: async () => {},
    run: async (scene) => {
      const { vault } = scene.copy;
      const [newest, before] = [await scene.copy.member('telegraf', -1), await scene.copy.member('telegraf', -2)];
      const isListed = (ref: typeof newest) => describeMember(ref) !== describeMember(newest);
      scene.order.vault = {
        ...vault,
        list: async () => {
          const listing = await vault.list();
          return { ...listing, members: listing.members.filter(isListed) };
        },
      };
      const journal = await scene.drill();
      const { id, manifestSha256 } = journal.services[0]?.members.at(-1) ?? {};
      const isNamed = id === before.id && manifestSha256 === (await scene.copy.manifestSha256(before));
      const line = renderText(journal)
        .split('\n')
        .find((each) => each.startsWith('  telegraf'));
      return { verdict: isNamed ? 'prevented' : 'harm', report: line?.trim().replaceAll(/ +/g, ' ') ?? '' };
    },
    expect: {
      verdict: 'prevented',
      by: 'the report',
      service: 'telegraf',
      sentence: /^telegraf InfluxDB back in [\d.]+ s would lose .* incr-\d{8}T\d{6}Z$/,
    },
  },
];

/** Tells of a drill that passed, and what comes of it where the mail does not arrive. */
async function tellOf(scene: Scene, says: Says, isDown = false): Promise<Seen> {
  const journal = await scene.drill();
  await using reports = await reportsOf(journal);
  await using all = await everybody(reports.folder, says);
  if (isDown) await all.mail[Symbol.asyncDispose]();
  const faults = await announceDrill({ journal, folder: reports.of(journal) }, all.telling);
  const told = all.hook.received.map(({ body }) => JSON.parse(body) as { event: string; text: string });
  const status = statusAfter(journal.exitStatus, faults);
  const isHeard = told.some(({ event }) => event === 'mail-refused') && faults.length > 0 && status !== 0;
  const words = [...faults.map(({ code, message }) => `${code}: ${message}`), ...told.map(({ text }) => text)];
  return {
    verdict: journal.exitStatus === 0 && isHeard ? 'prevented' : 'harm',
    report: [...words, `exit status ${status}`].join('; '),
  };
}

const unheard: readonly Saboteur[] = (
  [
    [
      'the mail server refuses the report for good',
      { message: ['554 5.7.1 rejected by policy'] },
      false,
      'MAIL_REFUSED: \\S+ refuses the mail',
    ],
    [
      'the mail server puts the report off for ever',
      { message: Array(20).fill('451 4.7.1 later') },
      false,
      'MAIL_REFUSED: \\S+ puts the mail off',
    ],
    ['there is no mail server', {}, true, 'MAIL_UNREACHABLE: \\S+ cannot be reached'],
  ] as const satisfies readonly (readonly [string, Says, boolean, string])[]
).map(
  ([injects, says, isDown, why]): Saboteur => ({
    ...{ id: 'S74', level: 'E', services: ['grafana'], injects },
    inject: async () => {},
    run: (scene) => tellOf(scene, says, isDown),
    expect: {
      verdict: 'prevented',
      by: 'the webhook',
      service: 'grafana',
      sentence: new RegExp(`^${why}; firedrill: the mail about \\S+-saboteur was not accepted: .*; exit status 5$`),
    },
  }),
);

/** Section H of the catalogue. */
export const drillItself: readonly Saboteur[] = [
  ...clocks,
  ...nothing,
  ...swallowed,
  ...yesterdays,
  ...silence,
  ...unheard,
];
