import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runDaemon } from '../../src/cli/daemon.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { engines } from '../../src/engines/index.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import type { JobOutcome } from '../../src/model/job-outcome.ts';
import { startMailServer } from '../../test/support/mail-server.ts';
import { changeAgama } from '../demo/agama.ts';
import { type DemoSources, demoConfig } from '../demo/demo-config.ts';
import type { DemoContext } from '../demo/demo-context.ts';
import { assertGoingOn, removeAll } from '../demo/demo-docker.ts';
import { elsewhereName, prepareFolder } from '../demo/demo-folder.ts';
import { lockDemo } from '../demo/demo-lock.ts';
import { changeGrafana } from '../demo/grafana.ts';
import { changeInfluxdb } from '../demo/influxdb.ts';
import { startCompany } from '../demo/run-demo.ts';
import { type ImageChoice, readImageChoice, root, stateFolder } from '../image-choice.ts';
import { setClock } from './clock-ahead.ts';
import { judgeMonth } from './judge-month.ts';
import { type MonthStep, planMonth } from './month-plan.ts';

export const monthFolder = join(stateFolder, 'month');
const configFile = join(monthFolder, 'firedrill.yaml');

/**
 * Lets the demo company live through a month, on a clock that is set forward, with the daemon in charge: real servers,
 * backups, copies, drills, expiries, and mail to a real SMTP server. Returns what is not as it must be, a sentence each.
 */
export async function runMonth(signal: AbortSignal, scale: number): Promise<string[]> {
  const choice = readImageChoice();
  if (!choice) throw new FiredrillError('IMAGE_MISSING', 'no images were chosen', { hint: 'Run: npm run month' });
  await using _lock = await lockDemo();
  await using mails = await startMailServer();
  const docker = dockerClient({ dockerHost: process.env.DOCKER_HOST });
  await removeAll(docker);
  const steps = planMonth(new Date());
  try {
    // Another month has other keys, and begins on the same Sunday.
    await rm(monthFolder, { recursive: true, force: true });
    const { secrets, recipient } = await prepareFolder(monthFolder);
    const until = steps[0]?.at ?? new Date();
    const context: DemoContext = { docker, images: choice.images, secrets, scale, until, signal };
    const sources = await startCompany(context);
    // The drill of the first night asks for the notes already.
    await changeGrafana(sources.grafana, 'the day before');
    await writeFile(configFile, monthConfig(choice, sources, recipient, mails.port));
    for (const step of steps) {
      assertGoingOn(signal);
      setClock(step.at);
      await change(context, sources, step);
      const repair = step.isDamaged ? await damageNewest('agama') : undefined;
      say(step, await workOff(signal));
      await repair?.();
    }
  } finally {
    await removeAll(docker);
  }
  return judgeMonth(monthFolder, steps, mails.received);
}

function monthConfig(choice: ImageChoice, sources: DemoSources, recipient: string, smtpPort: number): string {
  // One increment at noon stands for those of each hour, which would take half a day.
  const demo = demoConfig(choice, sources, recipient).replace('rpo: 1h', 'rpo: 14h');
  return `${demo}
schedules:
  hourly: 30 12 * * *
  # Without a drill from there nothing is proven of the copies, and none of them expires.
  buildingBurned: { from: offsite, identity: ${elsewhereName}/escrow.key }

mail:
  from: firedrill@agama.example
  to: [manager@agama.example]
  smtp: { host: 127.0.0.1, port: ${smtpPort}, tls: none }
`;
}

async function change(context: DemoContext, sources: DemoSources, { changes, at, isNight, title }: MonthStep) {
  if (changes === null) return;
  await changeAgama(context, changes, at);
  if (isNight)
    await Promise.all([changeInfluxdb(context, sources.influxdb, at), changeGrafana(sources.grafana, title)]);
}

/** What the daemon does by now; it ends when nothing is due any more. */
async function workOff(signal: AbortSignal): Promise<readonly JobOutcome[]> {
  const config = await loadConfig(configFile, engines, readEnvironment());
  const clock = join(import.meta.dirname, 'clock-ahead.ts');
  const command = [process.execPath, '--import', clock, join(root, 'src/main.ts')];
  return runDaemon(config, { once: true, command, screen: { print: () => {} }, observers: [], signal });
}

function say({ title }: MonthStep, outcomes: readonly JobOutcome[]) {
  const ends = outcomes.map(({ job, end, status }) => `${job} ${end}${status ? ` (${status})` : ''}`);
  process.stdout.write(`${title}: ${ends.join(', ') || 'nothing was due'}\n`);
  for (const { job, errors } of outcomes)
    for (const { message } of errors) process.stdout.write(`  ${job}: ${message}\n`);
}

/** Changes a byte in the middle of the newest backup of a service; returns how to undo it. */
async function damageNewest(service: string): Promise<() => Promise<void>> {
  const vault = join(monthFolder, 'vault');
  const files = (await readdir(vault, { recursive: true })).filter((name) => name.includes(`/${service}/`));
  const manifests = files.filter((name) => name.endsWith('/manifest.json'));
  const newest = manifests.sort((a, b) => memberOf(a).localeCompare(memberOf(b))).at(-1);
  const artifact = files.find(
    (name) => newest && name.startsWith(`${memberOf(newest)}/`) && /\/(log|data)-/.test(name),
  );
  if (artifact === undefined) throw new Error(`there is no artifact of ${newest ?? service} to damage`);
  const path = join(vault, artifact);
  const good = await readFile(path);
  const bad = Buffer.from(good);
  const middle = Math.floor(bad.length / 2);
  bad[middle] = (bad[middle] ?? 0) ^ 0x10;
  await writeFile(path, bad);
  return () => writeFile(path, good);
}

/** By the instant of its start; the set begins with its Sunday. */
const memberOf = (manifest: string) => manifest.replace(/\/manifest\.json$/, '');
