import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal, NativeRecord } from '../../../src/model/journal.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { createEscrowKey } from '../../../src/vault/age.ts';
import { directoryVault } from '../../../src/vault/directory.ts';
import { writeSecrets } from '../config.ts';
import { measuredRun } from '../measured-run.ts';
import { type Bench, limits } from './bench.ts';
import type { Sample } from './contest.ts';

/** A service of the configuration, in JSON, which is YAML as well. */
export interface BenchService {
  engine: 'mysql' | 'influxdb';
  reach: { docker: string };
  settings: object;
  checks?: object;
}

/** The compiled program, with a configuration and vaults of its own: one in clear, and an encrypted copy of it. */
export interface Firedrill {
  /** Where the backup in clear lies. */
  vault: string;
  /** The newest backup's manifest, once there is one. */
  manifest(): Promise<Manifest>;
  /** Into an empty vault, so that no earlier backup is of any use to it. */
  backup(): Promise<Sample>;
  /** Into the encrypted vault, untimed. */
  sync(): Promise<void>;
  /** A whole drill; `wrong` when its verdict is not `pass`. */
  drill(from: 'onsite' | 'offsite'): Promise<Sample>;
}

export async function firedrillFor(bench: Bench, engine: BenchService): Promise<Firedrill> {
  const folder = bench.path(`firedrill-${engine.engine}`);
  const config = await writeConfig(folder, engine, bench.images[engine.engine]);
  const vault = join(folder, 'onsite');
  const run = async (...args: string[]) => {
    const ran = await measuredRun(['--config', config, '--quiet', '--json', ...args], bench.signal);
    bench.signal.throwIfAborted();
    return ran;
  };
  const must = async (...args: string[]) => {
    const ran = await run(...args);
    if (ran.exitStatus !== 0)
      throw new Error(`firedrill ${args[0]} ended with ${ran.exitStatus}: ${ran.stdout.slice(-400)}`);
    return ran;
  };
  return {
    vault,
    manifest: () => manifestIn(bench, vault),
    backup: async () => {
      await rm(vault, { recursive: true, force: true });
      await mkdir(vault);
      await directoryVault('onsite', vault).mark();
      const { seconds, peakBytes } = await must('backup', '--full');
      return { seconds, peakBytes, bytes: await bytesOf(bench, vault) };
    },
    sync: async () => {
      await directoryVault('offsite', join(folder, 'offsite')).mark();
      await must('sync');
    },
    drill: async (from) => {
      const ran = await run('drill', 'bench', '--from', from, '--identity', join(folder, 'escrow.key'));
      return sampleOf(JSON.parse(ran.stdout) as Journal, ran);
    },
  };
}

/** From the order to restore until the service was ready: fetching, decrypting, hashing and the server's start are in it. */
function sampleOf(journal: Journal, ran: { seconds: number; peakBytes: number }): Sample {
  const { verdict, rto, phases, native } = journal;
  const { seconds: wallSeconds, peakBytes } = ran;
  const boot = startedSeconds(native);
  const restore = rto.usedMs === null || boot === undefined ? undefined : rto.usedMs / 1000 - boot;
  const parts = {
    ...secondsOf(phases),
    ...(boot === undefined ? {} : { boot }),
    ...(restore === undefined ? {} : { restore }),
  };
  const told = { peakBytes, parts, overheadSeconds: wallSeconds - busySeconds(native) };
  if (verdict.verdict === 'pass' && rto.usedMs !== null) return { seconds: rto.usedMs / 1000, ...told };
  return { seconds: wallSeconds, ...told, wrong: `${verdict.verdict}: ${verdict.sentence}` };
}

const secondsOf = (phases: Journal['phases']) =>
  Object.fromEntries(phases.map(({ phase, startMs, endMs }) => [phase, Math.round(endMs - startMs) / 1000]));

/** From the order until the server that is restored into had started; undefined when none has. */
export function startedSeconds(native: readonly Pick<NativeRecord, 'label' | 'endMs'>[]): number | undefined {
  const start = native.find(({ label }) => label === 'start' || label.startsWith('start '));
  return start && start.endMs / 1000;
}

/** The time in which at least one process of the engines worked. */
export function busySeconds(native: readonly Pick<NativeRecord, 'startMs' | 'endMs'>[]): number {
  let busyMs = 0;
  let reachedMs = 0;
  for (const { startMs, endMs } of native.toSorted((a, b) => a.startMs - b.startMs)) {
    busyMs += Math.max(0, endMs - Math.max(startMs, reachedMs));
    reachedMs = Math.max(reachedMs, endMs);
  }
  return busyMs / 1000;
}

async function manifestIn(bench: Bench, vault: string): Promise<Manifest> {
  const file = (await bench.shell('find "$1" -name manifest.json', [vault])).trim();
  return JSON.parse(await readFile(file, 'utf8')) as Manifest;
}

/** Of all files beneath a path. */
export async function bytesOf(bench: Bench, path: string): Promise<number> {
  return Number((await bench.shell('du --summarize --bytes "$1" | cut --fields 1', [path])).trim());
}

/** Returns its path. Everything beside the limits is the program's own default, but the planted fault: a drill's second restore. */
async function writeConfig(folder: string, service: BenchService, image: string): Promise<string> {
  const { text, recipient } = await createEscrowKey();
  await mkdir(join(folder, 'offsite'), { recursive: true });
  await writeSecrets(folder);
  await writeFile(join(folder, 'escrow.key'), text, { mode: 0o600 });
  const { cpus, memory, pids, diskBytes } = limits;
  const config = {
    version: 1,
    keys: { private: 'signing.key', public: ['signing.pub'] },
    vaults: {
      onsite: { kind: 'directory', folder: 'onsite' },
      offsite: { kind: 'directory', folder: 'offsite', recipients: [recipient], sameMachineAllowed: true },
    },
    // The source stays as it is: all others are to find the same.
    services: { bench: { ...service, rpo: '1d', retention: '28d', quiet: 'any', heartbeat: false } },
    drill: {
      rto: '24h',
      images: { [service.engine]: image },
      pull: 'never',
      planted: false,
      limits: { cpus, memory, pids, disk: `${diskBytes / 1024 ** 3}GiB`, restore: '24h' },
    },
  };
  const file = join(folder, 'firedrill.yaml');
  await writeFile(file, JSON.stringify(config, null, 2));
  return file;
}
