import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SimulatedClock } from '../../../scripts/demo/simulated-clock.ts';
import { runBackup } from '../../../src/cli/backup.ts';
import type { Composed } from '../../../src/cli/context.ts';
import { runDrill } from '../../../src/cli/drill.ts';
import { seeded } from '../../../src/kit/random.ts';
import { signatureFault } from '../../../src/kit/signature.ts';
import { ledgerProblems } from '../../../src/model/ledger.ts';
import { journalHashes, keepReceipt, readLedger } from '../../../src/report/ledger.ts';
import { writeReports } from '../../../src/report/write-reports.ts';
import { directoryVault } from '../../../src/vault/directory.ts';
import { testKeys, trusted } from '../../support/member.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { engines, orderOf, type ServiceName, type Stage, startAgama, startDashboards, startMetrics } from '../stage.ts';
import { type Change, type Company, foundCompany, liveUntil } from './changes.ts';
import { alarmsOf, blindnessOf, type CleanNight, warningsOf } from './judging.ts';

/** Nearly three weeks: each service is compared with its past, and chains end. `npm run saboteurs -- --clean 100` lives longer. */
export const defaultNights = 20;

const names: readonly ServiceName[] = ['agama', 'telegraf', 'latency', 'grafana'];
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const never = new AbortController().signal;

/**
 * Lets a small company of real servers live through some nights, on a clock that is set forward to the next Sunday: each
 * night something changes, all is backed up into one vault, and drilled as the command does, with what earlier drills have
 * left: journals, by which gaps and what is unusual are judged, and receipts. Nothing is ever wrong but the one fault that
 * each drill plants for itself, so that each finding is a false alarm.
 */
export async function* cleanNights(nights: number): AsyncGenerator<CleanNight> {
  await using held = new AsyncDisposableStack();
  const [agama, metrics, dashboards] = await Promise.all([
    startAgama().then((live) => held.use(live)),
    startMetrics().then((live) => held.use(live)),
    startDashboards().then((live) => held.use(live)),
  ]);
  const company = { mysql: agama.server, influxdb: metrics.server, grafana: dashboards.server };
  const lives = { agama: agama.lives, ...metrics.lives, grafana: dashboards.lives };
  const sources = Object.fromEntries(names.map((name) => [name, lives[name].source])) as Stage['sources'];
  const { path } = held.use(await scratchFolder());
  const composed = composedOf(path, sources);
  await mkdir(join(path, 'vault'));
  const sunday = nextSunday();
  for (let night = 0; night < nights; night += 1) {
    const change = { night, at: new Date(sunday + night * dayMs + 90 * minuteMs), random: seeded(night) };
    if (night === 0) await foundCompany(company, change);
    yield await liveThrough(company, composed, change);
  }
  const problems = await problemsOfLedger(composed.reportsFolder, nights);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Midnight, by UTC. */
function nextSunday(): number {
  const midnight = Math.floor(Date.now() / dayMs) * dayMs;
  return midnight + (7 - new Date(midnight).getUTCDay()) * dayMs;
}

function composedOf(folder: string, sources: Stage['sources']): Composed {
  const vault = directoryVault('onsite', join(folder, 'vault'));
  const objectives = { rpoMs: dayMs, retentionDays: 56 };
  const order = orderOf(names, sources, vault);
  const services = order.services.map((each) => ({ ...each, objectives }));
  return {
    ...{
      timeZone: 'UTC',
      vault,
      trusted,
      reportsFolder: join(folder, 'reports'),
      safetyFolder: join(folder, 'safety'),
      stateFolder: '/dev/null/nowhere',
    },
    vaults: [{ label: vault.label, sameMachineAllowed: false, retentionDays: undefined, open: async () => vault }],
    signingKey: async () => testKeys.privateKey,
    ledgerKey: async () => testKeys.privateKey,
    services: names.map((service) => ({
      ...{ service, engine: engines[service], heartbeat: true, objectives },
      connect: async () => ({ ...sources[service], [Symbol.asyncDispose]: async () => {} }),
    })),
    drillOrder: (name, chosen, moment) => ({
      ...{ ...order, name, services: services.filter(({ service }) => chosen.includes(service)) },
      ...moment,
    }),
    ...{ applications: [], targets: [], planted: true },
  };
}

async function liveThrough(company: Company, composed: Composed, change: Change): Promise<CleanNight> {
  const startMs = performance.now();
  const clock = new SimulatedClock();
  await liveUntil(company, change);
  clock.set(change.at);
  const full = change.at.getUTCDay() === 0;
  const { done, failed } = await runBackup(composed, { names: [], full, atOnce: 2 }, never, true, clock);
  clock.set(new Date(change.at.getTime() + 45 * minuteMs));
  const options = { name: 'nightly', services: [], goesOn: true, seed: change.night };
  const journal = await runDrill(composed, options, never, true, clock);
  await writeReports(journal, composed.reportsFolder);
  await keepReceipt(composed.reportsFolder, journal.drill.id, testKeys.privateKey);
  const unmade = failed.map(({ service, error }) => `${service} was not backed up: ${error.code}: ${error.message}`);
  return {
    date: `${change.at.toUTCString().slice(0, 3)} ${change.at.toISOString().slice(0, 10)}`,
    alarms: [...unmade, ...alarmsOf(journal)],
    blind: blindnessOf(journal, names, change.at),
    warnings: [...done.flatMap(({ retries }) => retries), ...warningsOf(journal)],
    compared: journal.checks.flatMap(({ check, service }) =>
      check === 'anomaly' && service !== null ? [service] : [],
    ),
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
  };
}

async function problemsOfLedger(reportsFolder: string, nights: number): Promise<string[]> {
  const { lines, isCut } = await readLedger(reportsFolder);
  const journals = await journalHashes(reportsFolder);
  const faultOf: Parameters<typeof ledgerProblems>[0]['faultOf'] = (body, signature) =>
    signatureFault(body, signature, trusted);
  const problems = ledgerProblems({ lines, isCut, journals, faultOf, pinned: undefined });
  return lines.length === nights ? problems : [...problems, `there are ${lines.length} receipts of ${nights} drills`];
}
