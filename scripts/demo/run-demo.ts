import { writeFile } from 'node:fs/promises';
import { shownPath } from '../../src/cli/shown-path.ts';
import { type Docker, dockerClient } from '../../src/hosts/docker-client.ts';
import { FiredrillError, messageOf } from '../../src/kit/errors.ts';
import { type ImageChoice, readImageChoice } from '../image-choice.ts';
import { seedAgama, startAgama } from './agama.ts';
import { burnedConfig, type DemoSources, demoConfig } from './demo-config.ts';
import { type DemoContext, say, step } from './demo-context.ts';
import { assertGoingOn, createNetwork, removeAll } from './demo-docker.ts';
import { configFile, demoFolder, elsewhere, prepareFolder } from './demo-folder.ts';
import { lockDemo } from './demo-lock.ts';
import { startGrafana } from './grafana.ts';
import { seedInfluxdb, startInfluxdb } from './influxdb.ts';
import { liveWeek, type WeekEnd } from './live-week.ts';
import { planWeek } from './week-plan.ts';

/**
 * The whole demo; returns the exit status of the command that decided it. The company's containers are removed whatever
 * happens; after that comes the drill's verdict line, as the last one.
 */
export async function runDemo(scale: number, signal: AbortSignal): Promise<number> {
  const choice = readImageChoice();
  if (choice?.application === undefined) {
    throw new FiredrillError('IMAGE_MISSING', 'no images were chosen on this machine', { hint: 'Run: npm run demo' });
  }
  await using _lock = await lockDemo();
  const docker = dockerClient({ dockerHost: process.env.DOCKER_HOST });
  const left = await removeAll(docker);
  if (left.length > 0) say(`removed what an earlier demo had left: ${left.join(', ')}`);
  const { exitStatus, verdictLine } = await withCompany(docker, () => backUpAndDrill(docker, choice, scale, signal));
  assertGoingOn(signal);
  say(`what stays: ${shownPath(demoFolder)} (configuration, vaults, reports); the next demo makes new vaults`);
  if (verdictLine !== undefined) process.stdout.write(`${verdictLine}\n`);
  return exitStatus;
}

/** Removes the company afterwards. What goes wrong there is told beside the work's own failure, never instead of it. */
async function withCompany<T>(docker: Docker, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await step(
      () => removeAll(docker),
      (removed) => `removed the demo company: ${removed.length} containers, volumes and networks`,
    ).catch((error: unknown) => {
      say(`the demo company could not be removed: ${messageOf(error)}; the next demo will remove it`);
    });
  }
}

async function backUpAndDrill(
  docker: Docker,
  choice: ImageChoice,
  scale: number,
  signal: AbortSignal,
): Promise<WeekEnd> {
  const { images } = choice;
  say(`starting the demo company from ${choice.from} images: ${Object.values(images).join(', ')}`);
  const { secrets, publicPem, recipient } = await prepareFolder();
  const week = planWeek(new Date());
  const context: DemoContext = { docker, images, secrets, scale, until: week.moments[0]?.at ?? new Date(), signal };
  const sources = await startCompany(context);
  await writeFile(configFile, demoConfig(choice, sources, recipient));
  await writeFile(elsewhere.configFile, burnedConfig(choice, sources, publicPem));
  say(`wrote ${shownPath(configFile)}; from here on you could type the commands yourself`);
  say('a week follows, on a clock that is set forward: what the company does, and what firedrill does each night');
  return liveWeek(context, sources, week);
}

/** Starts and seeds all sources side by side. When one fails, the others are stopped and waited for, then it is thrown. */
export async function startCompany(context: DemoContext): Promise<DemoSources> {
  await createNetwork(context.docker);
  const others = new AbortController();
  const failures: unknown[] = [];
  const together = { ...context, signal: AbortSignal.any([context.signal, others.signal]) };
  const guarded = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      failures.push(error);
      others.abort();
      throw error;
    });
  const starting = [guarded(agama(together)), guarded(influxdb(together)), guarded(grafana(together))] as const;
  await Promise.allSettled(starting);
  if (failures.length > 0) throw failures[0];
  const [mysql, influx, dashboards] = await Promise.all(starting);
  return { agama: mysql, influxdb: influx, grafana: dashboards };
}

async function agama(context: DemoContext) {
  const container = await step(
    () => startAgama(context),
    () => 'agama: MySQL answers',
  );
  await step(
    () => seedAgama(context),
    (rows) => `agama: ${rows.toLocaleString('en')} rows`,
  );
  return container;
}

async function influxdb(context: DemoContext) {
  const container = await step(
    () => startInfluxdb(context),
    () => 'telegraf, latency: InfluxDB answers',
  );
  await step(
    () => seedInfluxdb(context, container),
    (points) => `telegraf, latency: ${points.toLocaleString('en')} points`,
  );
  return container;
}

async function grafana(context: DemoContext) {
  return step(
    () => startGrafana(context),
    () => 'grafana: Grafana answers, with 13 dashboards',
  );
}
