import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { GrafanaDatabase } from '../../src/engines/grafana/database/grafana-database.ts';
import { readTables } from '../../src/engines/grafana/database/tables.ts';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { rebuild } from '../../src/engines/grafana/restore/rebuild.ts';
import { grafanaSettings } from '../../src/engines/grafana/settings.ts';
import { type BackedUp, backUp } from '../../src/flow/backup.ts';
import { drill } from '../../src/flow/drill.ts';
import type { DrillOrder } from '../../src/flow/drill-order.ts';
import { localHost } from '../../src/hosts/local.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { MemberKind } from '../../src/model/manifest.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { testActivity } from './activity.ts';
import { drillFixture, drillService } from './drill-fixture.ts';
import { digestOf } from './grafana-pages.ts';
import type { StandIn } from './grafana-stand-in.ts';
import { images } from './images.ts';
import { testKeys, trusted } from './member.ts';
import { scratchFolder } from './scratch.ts';

/** A vault for a Grafana of this machine, whose backups are made as if at any instant. `await using` removes it. */
export async function grafanaVault(grafana: Pick<StandIn, 'database' | 'port'>, files: string[] = []) {
  const fixture = await drillFixture();
  const settings = grafanaSettings.parse({ database: grafana.database, files, port: grafana.port });
  const source = { service: 'grafana', host: localHost(), settings };
  const atInstant = (at: string) => ({ ...testActivity(), clock: { ...systemClock, now: () => new Date(at) } });

  const backup = (at: string, kind: MemberKind = 'incremental', from = source): Promise<BackedUp> => {
    const engine = grafanaEngine as AnyEngine;
    const order = { engine, source: from, vault: fixture.vault, signingKey: testKeys.privateKey, timeZone: 'UTC' };
    return backUp({ ...order, kind }, atInstant(at));
  };
  const folderOf = ({ set, service, id }: BackedUp) => join(fixture.folder, set, service, id);
  const open = async ({ id }: BackedUp) => {
    const listed = (await fixture.vault.list()).members.find((each) => each.id === id);
    if (!listed) throw new Error(`${id} is not in the vault`);
    return VerifiedMember.open(fixture.vault, listed, trusted);
  };
  /** Rebuilds the database of a member: its digest, its tables, the facts in its manifest. */
  const rebuilt = async (full: BackedUp, increment?: BackedUp) => {
    await using scratch = await scratchFolder();
    const chain = [await open(full), increment && (await open(increment))] as const;
    const { databasePath, facts, beside } = await rebuild(chain, scratch.path, testActivity());
    return { ...digestOf(await readFile(databasePath)), tables: tablesOf(databasePath), facts, files: beside.files };
  };
  const drilled = (at: string, change: Partial<DrillOrder> = {}) => {
    const imageFor = () => images().grafana;
    const service = { ...drillService('grafana'), engine: grafanaEngine, settings, quietMs: null, imageFor };
    const objectives = { rpoMs: 86_400_000, retentionDays: 56 };
    return drill({ ...fixture.order, services: [{ ...service, objectives }], ...change }, atInstant(at));
  };
  return {
    ...fixture,
    source,
    backup,
    folderOf,
    open,
    rebuilt,
    drilled,
    verify: async (member: BackedUp) => grafanaEngine.verify(await open(member), testActivity()),
  };
}

/** What a database file holds; of a live one between two writes. */
export function tablesOf(path: string) {
  using db = new GrafanaDatabase(path, 'INTERNAL');
  return readTables(db);
}
