import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Restored } from '../../src/engines/engine.ts';
import { type Facts, factsOf } from '../../src/engines/influxdb/facts.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { restoredClient } from '../../src/engines/influxdb/restored-server.ts';
import { contentHash } from '../../src/engines/influxdb/shard-archive.ts';
import { isFiredrillError } from '../../src/kit/errors.ts';
import type { Json } from '../../src/kit/json.ts';
import type { CheckResult } from '../../src/model/check.ts';
import type { ManifestBody } from '../../src/model/manifest.ts';
import type { OpenMember } from '../../src/model/member.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { dumpToMember, type SealedMember } from '../support/member.ts';
import { withBay } from '../support/pod.ts';
import { rejectionOf } from '../support/rejection.ts';
import { repackShard } from '../support/shard-archive-bytes.ts';

const dayMs = 86_400_000;
const image = images().influxdb;
const settings = { database: 'telegraf', port: 8086, backupPort: 8088 };

/** The outcome of each check, and what was said. */
function summary(results: readonly CheckResult[]) {
  const outcomes = Object.fromEntries(results.map(({ check, outcome }) => [check, outcome]));
  return { outcomes, said: results.flatMap((each) => each.findings.map((finding) => finding.sentence)).join('\n') };
}

describe('InfluxDB backups that somebody has changed and sealed again', function () {
  this.timeout(120_000);
  let given: InfluxdbSource;
  let sealed: SealedMember;
  let original: ManifestBody;
  const stored = new Map<string, Buffer>();

  before(async () => {
    given = await startInfluxdb();
    await given.query('CREATE DATABASE telegraf WITH DURATION INF SHARD DURATION 1d NAME days');
    const end = Math.floor(Date.now() / dayMs) * dayMs;
    for (const day of [1, 2, 3]) {
      const lines = Array.from(
        { length: 600 },
        (_, i) => `cpu,host=h${i % 3} n=${i}i ${end - day * dayMs + i * 10_000}000000`,
      );
      await given.write('telegraf', 'days', lines);
    }
    sealed = await dumpToMember(influxdbEngine, given.source());
    const { signature: _, ...body } = sealed.member.manifest;
    original = body;
    for (const { name } of body.artifacts) stored.set(name, await readFile(join(sealed.folder, name)));
  });

  after(async () => {
    await sealed[Symbol.asyncDispose]();
    await given[Symbol.asyncDispose]();
  });

  /** As it was dumped, with other files (null: none) and facts, under a manifest that fits byte for byte. */
  async function resealed(files: Record<string, Buffer | null> = {}, change: (facts: Facts) => void = () => {}) {
    for (const [name, bytes] of stored) await writeFile(join(sealed.folder, name), bytes);
    for (const [name, bytes] of Object.entries(files)) {
      if (bytes) await writeFile(join(sealed.folder, name), bytes);
      else await rm(join(sealed.folder, name));
    }
    return sealed.reseal((body) => {
      const entries = structuredClone(original.artifacts).filter(({ name }) => files[name] !== null);
      body.artifacts = entries.map((entry) => {
        const bytes = files[entry.name] ?? stored.get(entry.name) ?? Buffer.alloc(0);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        return { ...entry, bytes: bytes.length, contentBytes: bytes.length, sha256 };
      });
      const facts = structuredClone(original.facts) as Facts;
      change(facts);
      body.facts = facts as unknown as Json;
    });
  }

  const shardNames = () => [...stored.keys()].filter((name) => name.endsWith('.tar.gz')).sort();
  const shardName = (index: number) => shardNames()[index] ?? '';
  const bytesOf = (name: string) => stored.get(name) ?? Buffer.alloc(0);
  const manifestName = () => [...stored.keys()].find((name) => name.endsWith('.manifest')) ?? '';
  const withManifest = (change: (manifest: { files: { fileName: string; size: number }[] }) => void) => {
    const manifest = JSON.parse(bytesOf(manifestName()).toString());
    change(manifest);
    return { [manifestName()]: Buffer.from(JSON.stringify(manifest)) };
  };
  const verify = async (member: OpenMember) => summary(await influxdbEngine.verify(member, testActivity()));

  async function drill(member: OpenMember, meanwhile: (restored: Restored) => Promise<void> = async () => {}) {
    return withBay({ service: 'telegraf', image }, async (bay) => {
      const restored = await influxdbEngine.restore([member], bay, testActivity());
      await meanwhile(restored);
      const checked = await influxdbEngine.check([member], restored, settings, testActivity());
      return summary([...restored.results, ...checked.results]);
    });
  }

  const refused = (member: OpenMember) =>
    withBay({ service: 'telegraf', image }, (bay) =>
      rejectionOf(influxdbEngine.restore([member], bay, testActivity())),
    );

  it('starts from a good one', async () => {
    const { outcomes, said } = await verify(await resealed());
    expect(outcomes, said).to.deep.equal({ completeness: 'pass', format: 'pass', rows: 'pass' });
  });

  it('names a missing shard archive, and does not restore the rest', async () => {
    const member = await resealed({ [shardName(1)]: null });
    const { outcomes, said } = await verify(member);
    expect(outcomes).to.include({ completeness: 'fail', rows: 'fail' });
    expect(said).to.match(/the archive of shard \d+ of days is missing/);
    expect(await refused(member)).to.include({ code: 'ARTIFACT_INCOMPLETE' });
  });

  it('names a shard that was dropped from the manifest of influxd as well', async () => {
    const name = shardName(1);
    const files = withManifest((manifest) => {
      manifest.files = manifest.files.filter((file) => file.fileName !== name);
    });
    const { outcomes, said } = await verify(await resealed({ ...files, [name]: null }));
    expect(outcomes).to.include({ completeness: 'fail' });
    expect(said).to.match(/shard \d+ of days is not in the manifest of influxd backup/);
  });

  it('names missing metadata', async () => {
    const meta = [...stored.keys()].find((name) => name.endsWith('.meta')) ?? '';
    const { outcomes } = await verify(await resealed({ [meta]: null }));
    expect(outcomes).to.include({ completeness: 'fail', format: 'pass' });
  });

  it('notices swapped shards, which influxd restores without a word', async () => {
    const [one, two] = [shardName(0), shardName(1)];
    const member = await resealed({ [one]: bytesOf(two), [two]: bytesOf(one) });
    const { outcomes, said } = await drill(member);
    expect(outcomes).to.include({ 'restore-run': 'pass', format: 'fail', content: 'fail' });
    expect(said).to.match(/should hold telegraf\/days\/\d+\/, and holds telegraf\/days\/\d+/);
  });

  it('calls a cut archive malformed, and not the restore', async () => {
    const name = shardName(0);
    const member = await resealed({ [name]: bytesOf(name).subarray(0, -40) });
    expect((await verify(member)).outcomes).to.include({ completeness: 'pass', format: 'fail', rows: 'not-run' });
    const error = await refused(member);
    expect(error.code).to.equal('ARTIFACT_FORMAT');
    expect(error.message).to.match(/is damaged: gzip/);
  });

  for (const [what, more, why] of [
    ['bytes', Buffer.from('more'), /incorrect header/],
    ['zeros, which gzip passes over,', Buffer.alloc(64), /there is something after its end/],
  ] as const) {
    it(`notices ${what} after an archive`, async () => {
      const name = shardName(0);
      const { outcomes, said } = await verify(await resealed({ [name]: Buffer.concat([bytesOf(name), more]) }));
      expect(outcomes).to.include({ format: 'fail' });
      expect(said).to.match(why);
    });
  }

  it('finds a flipped bit inside a data block, under hashes that fit', async () => {
    const name = shardName(0);
    const { archive, tarBytes } = await repackShard(bytesOf(name), (file, content) => {
      content[40] = (content[40] ?? 0) ^ 1;
      return { name: file, content };
    });
    const files = withManifest((manifest) => {
      for (const file of manifest.files) if (file.fileName === name) file.size = tarBytes;
    });
    const { outcomes, said } = await drill(await resealed({ ...files, [name]: archive }));
    expect(outcomes).to.include({ 'restore-run': 'pass', format: 'fail', content: 'fail' });
    expect(said).to.match(/the CRC of the block at \d+ is wrong/);
  });

  it('finds points that are missing from a dump whose hashes all fit', async () => {
    const [one, two] = [shardName(0), shardName(1)];
    const donor = await repackShard(bytesOf(two), (name, content) => ({ name, content }));
    const replaced = await repackShard(bytesOf(one), () => undefined);
    const files = withManifest((manifest) => {
      for (const file of manifest.files) if (file.fileName === one) file.size = replaced.tarBytes;
    });
    expect(donor.tarBytes).to.be.greaterThan(replaced.tarBytes);
    const member = await resealed({ ...files, [one]: replaced.archive }, (facts) => {
      for (const shard of facts.shards.filter(({ id }) => one.includes(`.s${id}.`))) {
        Object.assign(shard, { files: [], contentSha256: contentHash([]) });
      }
    });
    expect((await verify(member)).outcomes).to.deep.equal({ completeness: 'pass', format: 'pass', rows: 'fail' });
    const { outcomes, said } = await drill(member);
    expect(outcomes).to.include({ 'restore-run': 'pass', format: 'pass', content: 'pass', rows: 'fail' });
    expect(said).to.match(/days\.cpu\.n has 0 points on 20\d\d-\d\d-\d\d, the dump had 600 points/);
  });

  it('compares the inventory in every property', async () => {
    const member = await resealed({}, (facts) => {
      const [policy] = facts.policies.filter((each) => each.isDefault);
      if (policy) policy.duration = '1344h0m0s';
      const [cpu] = facts.measurements;
      cpu?.tagKeys.push('rack');
      cpu?.fields[0]?.types.splice(0, 1, 'float');
      if (cpu?.fields[0]) cpu.fields[0].series = 4;
      facts.measurements.push({ ...structuredClone(facts.measurements[0] as Facts['measurements'][0]), name: 'mem' });
    });
    const { outcomes, said } = await drill(member);
    expect(outcomes).to.include({ inventory: 'fail', rows: 'fail', format: 'pass', content: 'pass' });
    for (const sentence of [
      /retention policy days is not as it was/,
      /measurement mem is missing/,
      /days\.cpu has lost the tag rack/,
      /days\.cpu has lost the field n \(float\)/,
      /days\.cpu has a new field n \(integer\)/,
      /days\.cpu\.n is in 3 series, and was in 4/,
    ]) {
      expect(said).to.match(sentence);
    }
  });

  it('notices what the source did not have', async () => {
    const { outcomes, said } = await drill(await resealed(), async ({ server }) => {
      const client = restoredClient(server, new AbortController().signal);
      await client.query('CREATE DATABASE stray');
      await client.query('CREATE RETENTION POLICY stray ON telegraf DURATION INF REPLICATION 1');
      await client.query('SELECT n INTO telegraf.days.stray FROM telegraf.days.cpu');
    });
    expect(outcomes).to.include({ inventory: 'fail', rows: 'pass', content: 'pass' });
    for (const kind of ['database', 'retention policy', 'measurement']) {
      expect(said).to.include(`${kind} stray was not in the source`);
    }
  });

  it('notices a changed data file and a lost one', async () => {
    const { outcomes, said } = await drill(await resealed(), async ({ server }) => {
      const script =
        'cd /var/lib/firedrill/data/telegraf/days && set -- */*.tsm && mv "$1" "$1.gone" && printf x >> "$2"';
      const running = server.host.run({ tool: 'sh', args: ['-c', script] });
      running.stdout.resume();
      await running.done;
    });
    expect(outcomes).to.include({ content: 'fail' });
    expect(said)
      .to.match(/shard \d+ \(days\) is missing/)
      .and.to.match(/has other bytes than in the dump/);
  });

  it('notices points that vanish while it looks', async () => {
    const { outcomes, said } = await drill(await resealed(), async ({ server }) => {
      const client = restoredClient(server, new AbortController().signal);
      await client.query("DELETE FROM cpu WHERE host = 'h1'", 'telegraf');
    });
    expect(outcomes).to.include({ rows: 'fail', inventory: 'fail' });
    expect(said).to.match(/days\.cpu\.n has 1,200 points at the end of the drill, the dump had 1,800 points/);
  });

  it('notices points that have moved to another hour of their day', async () => {
    const day = new Date(Math.floor(Date.now() / dayMs) * dayMs - dayMs).toISOString().slice(0, 10);
    const { outcomes, said } = await drill(await resealed(), async ({ server }) => {
      const client = restoredClient(server, new AbortController().signal);
      await client.query(`DELETE FROM cpu WHERE time >= '${day}T00:00:00Z' AND time < '${day}T00:10:00Z'`, 'telegraf');
      const lines = Array.from(
        { length: 60 },
        (_, i) => `cpu,host=h${i % 3} n=${i}i ${Date.parse(`${day}T09:00:00Z`) + i * 10_000}`,
      );
      await client.write('telegraf', lines.join('\n'));
    });
    expect(outcomes).to.include({ rows: 'fail', inventory: 'pass', content: 'pass' });
    const hours = `telegraf: days.cpu has 300 values in the hour from ${day}T00:00Z (and 1 other hour), the dump had 360 values`;
    expect(said.split('\n')).to.deep.equal([hours]);
  });

  it('refuses a manifest that tells other hours than its dump holds', async () => {
    const member = await resealed({}, ({ measurements }) => {
      const [hours = []] = Object.values(measurements[0]?.hours ?? {});
      [hours[0], hours[5]] = [hours[5] ?? 0, hours[0] ?? 0];
    });
    const { outcomes, said } = await verify(member);
    expect(outcomes).to.include({ rows: 'fail', completeness: 'pass', format: 'pass' });
    expect(said).to.equal('telegraf: the hours of days.cpu are not those that its manifest says');
  });

  it('takes a manifest of an earlier version, which tells no hours', async () => {
    const member = await resealed({}, ({ measurements, shards }) => {
      for (const each of [...measurements, ...shards.flatMap((shard) => shard.measurements)]) delete each.hours;
    });
    expect((await verify(member)).outcomes).to.deep.equal({ completeness: 'pass', format: 'pass', rows: 'pass' });
    const { outcomes, said } = await drill(member);
    expect(outcomes, said).to.include({ rows: 'pass', inventory: 'pass', content: 'pass' });
  });

  it('refuses facts that are none', async () => {
    const member = await resealed({}, (facts) => {
      facts.shards = [];
    });
    const thrown = await influxdbEngine.verify(member, testActivity()).catch((error: unknown) => error);
    expect(isFiredrillError(thrown, 'MANIFEST_INVALID')).to.equal(true);
    expect(() => factsOf(member.manifest)).to.throw(/facts .* shards/);
  });
});
