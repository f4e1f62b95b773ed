import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import type { Source } from '../engine.ts';
import { InfluxClient } from './client.ts';
import { listDatabases } from './inventory.ts';
import type { InfluxdbSettings } from './settings.ts';

/** A client of the live server, through its host. */
export function sourceClient({ host, settings }: Source<InfluxdbSettings>, signal: AbortSignal): InfluxClient {
  const { port, user, password } = settings;
  return new InfluxClient({ through: { connect: () => host.connect({ port }) }, user, password, signal });
}

/** 1.x only: 2.x has other tools and another format. */
export function isSupported(version: string): boolean {
  return /^1\.\d+/.test(version.replace(/^v/, ''));
}

/** The server's version, when it is one that can be backed up and has the database; SOURCE_UNSUITABLE else. */
export async function suitableVersion(client: InfluxClient, database: string): Promise<string> {
  const version = await client.ping();
  if (!isSupported(version)) {
    const hint = 'Use firedrill with InfluxDB 1.x.';
    throw new FiredrillError('SOURCE_UNSUITABLE', `InfluxDB ${version} is not supported`, { hint });
  }
  if (!(await listDatabases(client)).includes(database)) {
    const hint = 'Mend `database` in the settings of this service.';
    throw new FiredrillError('SOURCE_UNSUITABLE', `the server has no database ${database}`, { hint });
  }
  return version;
}

/** SHOW USERS and the like need an admin; what says so is worth a clear hint. */
export async function asAdmin<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isFiredrillError(error, 'SOURCE_DENIED')) throw error;
    const hint = 'Name a user with ALL PRIVILEGES and the right password in the settings of this service.';
    throw new FiredrillError('SOURCE_DENIED', `${what}: ${error.message}`, { hint, cause: error });
  }
}
