import { join } from 'node:path';
import type { Bay, StartedServer } from '../../hosts/bay.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Restored } from '../engine.ts';
import { decodedResults } from './restore/decoded.ts';
import { type Rebuilt, type RestorableChain, rebuild } from './restore/rebuild.ts';
import { type Login, makeScratchCopy } from './restore/scratch-copy.ts';
import { awaitHealth, startServer } from './restore/start.ts';
import { secretKeyIn } from './secrets/secret-key.ts';
import { isStandIn } from './version.ts';

/** A running copy, and what its checks need beside it. */
export class RestoredGrafana implements Restored {
  readonly service: string;
  readonly server: StartedServer;
  readonly engineVersion: string;
  readonly results: CheckResult[];
  readonly rebuilt: Rebuilt;
  readonly login: Login;

  constructor(parts: Omit<RestoredGrafana, 'standIn'>) {
    this.service = parts.service;
    this.server = parts.server;
    this.engineVersion = parts.engineVersion;
    this.results = parts.results;
    this.rebuilt = parts.rebuilt;
    this.login = parts.login;
  }

  get standIn(): boolean {
    return isStandIn(this.engineVersion);
  }
}

export async function restoreGrafana(
  chain: readonly OpenMember[],
  bay: Bay,
  activity: Activity,
): Promise<RestoredGrafana> {
  const members = restorable(chain);
  const { service } = members[0].manifest;
  const { signal } = activity;
  const tell = (text: string) => activity.tell({ service, phase: 'restore', text });
  tell('rebuilding and reading the database');
  const rebuilt = await rebuild(members, bay.scratchFolder, activity, bay.limits.diskBytes);
  const results = decodedResults(members, rebuilt);
  const copy = join(bay.scratchFolder, 'scratch.db');
  const login = await makeScratchCopy(rebuilt.databasePath, copy);
  const key = rebuilt.beside.ini === undefined ? undefined : secretKeyIn(rebuilt.beside.ini);
  tell('starting the server');
  const server = await activity.native('start', () => startServer(bay, copy, key, signal));
  const engineVersion = await activity.native('ready', () => awaitHealth(server, signal));
  results.push(new Look('restore-run', service, 'stages (rebuild, copy, start)', 3).sawOne(3).result());
  return new RestoredGrafana({ service, server, engineVersion, results, rebuilt, login });
}

function restorable(chain: readonly OpenMember[]): RestorableChain {
  const [full, increment, ...more] = chain;
  if (!full || more.length > 0) throw new FiredrillError('INTERNAL', 'Grafana is restored from a full and one delta');
  return [full, increment];
}
