import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';
import { Secret } from '../model/secret.ts';
import { applicationsOf } from './application-schema.ts';
import { ownChecksOf, type RawChecks } from './check-schema.ts';
import type { Config, MailConfig, NotifyConfig, Reach, SchedulesConfig, ServiceConfig, VaultConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { configJsonSchema, keysOf } from './json-schema.ts';
import { describeFileError } from './named-files.ts';
import { parseYaml } from './parse-yaml.ts';
import { type ConfiguredEngine, configSchema, type RawConfig } from './schema.ts';

const maxBytes = 1024 * 1024;

/**
 * Reads and judges the configuration. CONFIG_MISSING when there is none; CONFIG_INVALID with *all* problems in `detail`, one
 * line each; SECRET_MISSING with all secrets that cannot be read, but those of targets: only a restore into one needs its own, and
 * says so.
 */
export async function loadConfig(
  file: string,
  engines: readonly ConfiguredEngine[],
  environment: Environment,
): Promise<Config> {
  const { config, missingSecrets } = await readConfig(file, engines, environment);
  if (missingSecrets.length > 0) {
    throw new FiredrillError('SECRET_MISSING', 'secrets cannot be read', { detail: missingSecrets });
  }
  return config;
}

/** As `loadConfig`, but only tells which secrets cannot be read; those in `config` are then not resolved. */
export async function readConfig(
  file: string,
  engines: readonly ConfiguredEngine[],
  environment: Environment,
): Promise<{ config: Config; missingSecrets: string[]; missingOfTargets: string[] }> {
  const raw = parseConfig(await readText(file), basename(file), engines);
  const missing = await resolveSecrets(raw, dirname(resolve(file)), environment);
  const isOfTarget = (each: string) => each.startsWith('targets.');
  return {
    config: resolved(raw, resolve(file)),
    missingSecrets: missing.filter((each) => !isOfTarget(each)),
    missingOfTargets: missing.filter(isOfTarget),
  };
}

async function readText(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > maxBytes) throw new FiredrillError('CONFIG_INVALID', `${file} is larger than 1 MiB`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof FiredrillError) throw error;
    if (systemCode(error) === 'ENOENT') throw new FiredrillError('CONFIG_MISSING', `there is no configuration ${file}`);
    throw new FiredrillError('CONFIG_INVALID', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Text → values, without looking at any other file. */
export function parseConfig(text: string, shownFile: string, engines: readonly ConfiguredEngine[]): RawConfig {
  return parseYaml(text, shownFile, configSchema(engines), () => keysOf(configJsonSchema(engines)));
}

async function resolveSecrets(raw: RawConfig, folder: string, environment: Environment): Promise<string[]> {
  const missing: string[] = [];
  for (const [path, secret] of secretsIn(raw, [])) {
    try {
      secret.resolve(await readSecret(secret, folder, environment));
    } catch (error) {
      missing.push(`${path.join('.')}: ${secret}: ${messageOf(error)}`);
    }
  }
  return missing;
}

function* secretsIn(value: unknown, path: string[]): Generator<[string[], Secret]> {
  if (value instanceof Secret) yield [path, value];
  else if (value && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) yield* secretsIn(inner, [...path, key]);
  }
}

async function readSecret({ reference }: Secret, folder: string, environment: Environment): Promise<string> {
  if ('env' in reference) {
    const value = environment.secret(reference.env);
    if (value === undefined) throw new FiredrillError('SECRET_MISSING', 'it is not set');
    return value;
  }
  const file = resolve(folder, reference.file);
  const text = await readSecretFile(file);
  if (text === '') throw new FiredrillError('SECRET_MISSING', 'it is empty');
  return text;
}

async function readSecretFile(file: string): Promise<string> {
  try {
    const { mode } = await stat(file);
    if (mode & 0o004) throw new FiredrillError('SECRET_MISSING', `everybody may read it; run: chmod 600 ${file}`);
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    if (cause instanceof FiredrillError) throw cause;
    throw new FiredrillError('SECRET_MISSING', describeFileError(cause), { cause });
  }
}

function resolved(raw: RawConfig, file: string): Config {
  const path = (name: string) => resolve(dirname(file), name);
  const { rto: rtoMs, images, pull, isolation, loopbackNames, from, also, walkBack, planted } = raw.drill;
  return {
    file,
    timeZone: raw.timeZone,
    signingKeyFile: raw.keys.private === undefined ? undefined : path(raw.keys.private),
    trustedKeyFiles: raw.keys.public.filter((each) => !isPem(each)).map(path),
    trustedKeyTexts: raw.keys.public.filter(isPem),
    ledgerKeyFile: raw.keys.ledger && path(raw.keys.ledger),
    ledgerPublicFiles: raw.keys.ledgerPublic.map(path),
    vaults: Object.entries(raw.vaults).map(([label, vault]) => vaultOf(label, vault, path)),
    services: Object.entries(raw.services).map(([name, each]) => serviceOf(name, each, raw, path)),
    applications: applicationsOf(raw.applications),
    targets: Object.entries(raw.targets).map(([target, { engine, reach, settings }]) => ({
      ...{ target, engine, settings },
      reach: reachOf(reach, path),
    })),
    safetyFolder: path(raw.restore.safetyCopies),
    drill: { rtoMs, images, pull, isolation, loopbackNames, from, also, walkBack, planted },
    reportsFolder: path(raw.reports.folder),
    scenariosFolder: path(raw.gameDays.scenarios),
    gameDaysFolder: path(raw.gameDays.folder),
    mail: raw.mail && mailOf(raw.mail, path),
    notify: raw.notify && notifyOf(raw.notify, path),
    schedules: schedulesOf(raw, path),
  };
}

function schedulesOf({ schedules, vaults }: RawConfig, path: (name: string) => string): SchedulesConfig {
  const { buildingBurned, deadlines, state, ...whens } = schedules;
  const { full, incremental, hourly, sync, drill, expire } = whens;
  const unlessNever = <T>(when: T | 'never') => (when === 'never' ? null : when);
  const elsewhere = buildingBurned?.from ?? Object.keys(vaults)[1];
  return {
    ...{ full: unlessNever(full), incremental: unlessNever(incremental), hourly: unlessNever(hourly) },
    ...{ sync: unlessNever(sync), drill: unlessNever(drill), expire: unlessNever(expire) },
    buildingBurned:
      buildingBurned && elsewhere !== undefined
        ? { when: buildingBurned.when, from: elsewhere, identityFile: path(buildingBurned.identity) }
        : null,
    deadlines: {
      backupMs: deadlines.backup,
      syncMs: deadlines.sync,
      drillMs: deadlines.drill,
      expireMs: deadlines.expire,
    },
    stateFolder: path(state),
  };
}

/** A key that stands in the configuration itself, so that this one file is enough for a drill. */
const isPem = (text: string) => text.trimStart().startsWith('-----BEGIN');

function vaultOf(label: string, raw: RawConfig['vaults'][string], path: (name: string) => string): VaultConfig {
  const { recipients, sameMachineAllowed, retention: retentionDays } = raw;
  const ageIdentityFile = raw.ageIdentityFile && path(raw.ageIdentityFile);
  const common = { label, recipients, ageIdentityFile, retentionDays, sameMachineAllowed };
  if (raw.kind === 'directory') return { ...common, kind: 'directory', folder: path(raw.folder) };
  const { host, port, user, agentSocket, identityFile, knownHosts, knownHostsFile = '' } = raw;
  return {
    ...common,
    kind: 'sftp',
    folder: raw.folder,
    ssh: { host, port, user, agentSocket, identityFile: identityFile && path(identityFile) },
    knownHosts: knownHosts ?? path(knownHostsFile),
    bytesPerSecond: raw.bandwidth,
  };
}

function mailOf(raw: NonNullable<RawConfig['mail']>, path: (name: string) => string): MailConfig {
  const { from, to, responsible, on, digest, attachmentLimit, patience, smtp } = raw;
  const { host, port, tls, ca, user, password, timeLimit } = smtp;
  return {
    ...{ from, to, responsible, on, digest },
    attachmentLimitBytes: attachmentLimit,
    patienceMs: patience,
    smtp: {
      ...{ host, port, tls, caFile: ca && path(ca) },
      login: user === undefined || password === undefined ? undefined : { user, password },
      timeLimitMs: timeLimit,
    },
  };
}

function notifyOf(raw: NonNullable<RawConfig['notify']>, path: (name: string) => string): NotifyConfig {
  const { pings = {}, webhook, textfile, metrics, timeLimit } = raw;
  return {
    // Without those that are absent.
    pings: Object.fromEntries(Object.entries(pings).filter(([, url]) => url !== undefined)),
    webhook: webhook && { url: webhook.url, token: webhook.token, on: webhook.on },
    textfile: textfile && path(textfile),
    metrics,
    timeLimitMs: timeLimit,
  };
}

type RawService = RawConfig['services'][string];

function serviceOf(
  service: string,
  raw: RawService,
  { drill }: RawConfig,
  path: (name: string) => string,
): ServiceConfig {
  const own = raw.limits ?? {};
  return {
    service,
    engine: raw.engine,
    reach: reachOf(raw.reach, path),
    objectives: { rpoMs: raw.rpo, retentionDays: raw.retention },
    quietMs: raw.quiet === 'any' ? null : raw.quiet,
    heartbeat: raw.heartbeat,
    usualSinceMs: raw.usualSince,
    checks: ownChecksOf((raw as { checks?: RawChecks }).checks),
    limits: {
      memoryBytes: own.memory ?? drill.limits.memory,
      diskBytes: own.disk ?? drill.limits.disk,
      pids: own.pids ?? drill.limits.pids,
      cpus: own.cpus ?? drill.limits.cpus,
      restoreMs: own.restore ?? drill.limits.restore,
    },
    settings: raw.settings,
  };
}

function reachOf(reach: RawService['reach'], path: (name: string) => string): Reach {
  if (reach === 'local') return { kind: 'local' };
  if ('docker' in reach) return { kind: 'docker', container: reach.docker };
  const { identityFile, agentSocket, knownHostsFile, ...rest } = reach.ssh;
  return {
    kind: 'ssh',
    ...rest,
    identityFile: identityFile && path(identityFile),
    agentSocket,
    knownHostsFile: path(knownHostsFile),
  };
}
