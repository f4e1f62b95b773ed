import { createReadStream } from 'node:fs';
import type { Activity } from '../../../kit/activity.ts';
import { count } from '../../../kit/text.ts';
import type { ArtifactSink, DumpRecord } from '../../../model/member.ts';
import type { Source } from '../../engine.ts';
import { factsAsJson, type GrafanaFacts } from '../facts.ts';
import { type BlockList, listBlocks } from '../pages/blocks.ts';
import { chooseSecretKey } from '../secrets/secret-key.ts';
import type { GrafanaSettings } from '../settings.ts';
import { copyDatabase, type DatabaseCopy } from './copy-database.ts';
import { copyFiles } from './copy-files.ts';
import { measurePanels } from './measure-panels.ts';
import { proveCopy } from './prove-copy.ts';
import type { ScratchSpace } from './scratch-space.ts';
import { sourceVersion } from './source-version.ts';

export const filesArtifact = 'files.tar';

/** Everything of a live Grafana at one instant, proven, on this machine. */
export interface TakenCopy {
  database: DatabaseCopy;
  /** The archive of what stands beside it. */
  tarFile: string;
  engineVersion: string;
  installation: string;
  facts: GrafanaFacts;
}

export async function takeCopy(
  { host, settings, service }: Source<GrafanaSettings>,
  scratch: ScratchSpace,
  activity: Activity,
): Promise<TakenCopy> {
  const { signal } = activity;
  const tell = (text: string) => activity.tell({ service, phase: 'backup', text });
  const engineVersion = await sourceVersion(host, settings, signal);
  const tarFile = scratch.file(filesArtifact);
  const beside = await copyFiles(host, settings.files, tarFile, signal);
  tell(`copying ${settings.database}`);
  const database = await activity.native('copy', () => copyDatabase(host, settings.database, scratch, activity));
  const key = chooseSecretKey(settings.secretKey, beside.ini);
  const { facts, installation } = proveCopy(database.path, key, beside.files);
  tell(`copied ${count(facts.semantics.dashboards, 'dashboard')}, ${count(beside.files.length, 'file')} beside`);
  const panelsWithData = await measurePanels({ host, settings, service }, database, engineVersion, activity);
  return { database, tarFile, engineVersion, installation, facts: { ...facts, ...panelsWithData } };
}

/** The files are small: they go into each member. */
export async function addFiles({ tarFile }: TakenCopy, sink: ArtifactSink): Promise<void> {
  await sink.add(filesArtifact, 'files', 'zstd', createReadStream(tarFile));
}

export function recordOf({ database, engineVersion, installation, facts }: TakenCopy): Omit<DumpRecord, 'position'> {
  return {
    dataAt: database.dataAt.toISOString(),
    engineVersion,
    identity: { serverId: installation, organisations: facts.organisations.map(({ name }) => name) },
    tools: { sqlite: database.sqlite, copy: database.method },
    facts: factsAsJson(facts),
  };
}

/** `like`: with blocks of the same size. */
export const blocksOfCopy = ({ database }: TakenCopy, { signal }: Activity, like?: BlockList) =>
  listBlocks(database.path, like, signal);
