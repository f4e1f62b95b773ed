import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Source } from '../../src/engines/engine.ts';
import type { Activity } from '../../src/kit/activity.ts';
import { memberIdOf, setNameOf } from '../../src/model/backup-set.ts';
import type { Manifest, ManifestBody } from '../../src/model/manifest.ts';
import type { ArtifactSink, DumpRecord } from '../../src/model/member.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { MemberSealer } from '../../src/vault/member-sealer.ts';
import { keyIdOf, signManifest } from '../../src/vault/signature.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { testActivity } from './activity.ts';
import { scratchFolder } from './scratch.ts';

export const testKeys = generateKeyPairSync('ed25519');
export const trusted = [{ keyId: keyIdOf(testKeys.publicKey), key: testKeys.publicKey }];

/** A sealed member in a real directory vault in a temporary folder. `await using` removes it. */
export interface SealedMember extends AsyncDisposable {
  member: VerifiedMember;
  vaultFolder: string;
  /** The member's own folder. */
  folder: string;
  /** Opens the member again, after a test has changed its files. */
  reopen(): Promise<VerifiedMember>;
  /** Changes the manifest and signs it anew, so that only checks of the content can notice. */
  reseal(change: (body: ManifestBody) => void): Promise<VerifiedMember>;
}

/** Dumps a live source with an engine and seals the result, as `flow/backup` does. */
export async function dumpToMember<S>(
  engine: Engine<S>,
  source: Source<S>,
  activity: Activity = testActivity(),
): Promise<SealedMember> {
  return sealMember(source.service, engine.name, source.host.label, (sink) =>
    engine.backupFull(source, sink, activity),
  );
}

export async function sealMember(
  service: string,
  engine: string,
  host: string,
  dump: (sink: ArtifactSink) => Promise<DumpRecord>,
): Promise<SealedMember> {
  const scratch = await scratchFolder();
  const startedAt = new Date();
  const vault = directoryVault('test', scratch.path);
  const ref = { set: setNameOf(startedAt, 'UTC'), service, id: memberIdOf('full', startedAt) };
  await using sealer = await MemberSealer.begin(vault, ref);
  const record = await dump(sealer);
  await sealer.seal(
    {
      format: 'firedrill-manifest',
      version: 1,
      ...ref,
      engine,
      kind: 'full',
      parent: null,
      startedAt: startedAt.toISOString(),
      dataAt: record.dataAt,
      finishedAt: new Date().toISOString(),
      source: { host, identity: record.identity, engineVersion: record.engineVersion },
      tools: record.tools,
      position: record.position,
      facts: record.facts,
    },
    testKeys.privateKey,
  );
  const folder = join(scratch.path, ref.set, service, ref.id);
  const reopen = async () => {
    const listed = (await vault.list()).members[0];
    if (!listed) throw new Error('the sealed member is not listed');
    return VerifiedMember.open(vault, listed, trusted);
  };
  const reseal = async (change: (body: ManifestBody) => void) => {
    const { signature: _, ...body } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    change(body);
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(signManifest(body, testKeys.privateKey)));
    return reopen();
  };
  return {
    member: await reopen(),
    vaultFolder: scratch.path,
    folder,
    reopen,
    reseal,
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}
