import { expect } from 'chai';
import { checkManifest } from '../../../src/checks/manifest.ts';
import { checkProvenance, isFromElsewhere } from '../../../src/checks/provenance.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import type { ArtifactEntry, Manifest } from '../../../src/model/manifest.ts';

const entry = (name: string): ArtifactEntry => ({
  name,
  bytes: 10,
  sha256: 'a'.repeat(64),
  encoding: 'zstd',
  contentBytes: 20,
  role: 'data',
});

const evidence = {
  id: 'full-20261122T013000Z',
  artifacts: [entry('a.sql'), entry('b.sql')],
  files: ['a.sql', 'b.sql', 'manifest.json'],
  strange: [],
  read: new Map([
    ['a.sql', 'whole' as const],
    ['b.sql', 'whole' as const],
  ]),
};

describe('checkManifest', () => {
  it('passes when every artifact was read whole and nothing else lies there', () => {
    expect(checkManifest('agama', [evidence])).to.include({ outcome: 'pass', expected: 2, lookedAt: 2 });
  });

  it('is inconclusive when an artifact was not read', () => {
    const read = new Map([['a.sql', 'whole' as const]]);
    expect(checkManifest('agama', [{ ...evidence, read }]).outcome).to.equal('inconclusive');
  });

  it('fails for damage, extra files and links, with a sentence for each', () => {
    const damage = new FiredrillError('ARTIFACT_DAMAGED', 'artifact b.sql is not what was sealed');
    const read = new Map<string, FiredrillError | 'whole'>([
      ['a.sql', 'whole'],
      ['b.sql', damage],
    ]);
    const result = checkManifest('agama', [
      { ...evidence, read, files: [...evidence.files, 'x.sh'], strange: ['link'] },
    ]);
    expect(result.outcome).to.equal('fail');
    expect(result.findings.map((finding) => finding.sentence)).to.deep.equal([
      'agama: artifact b.sql is not what was sealed',
      'agama: x.sh in full-20261122T013000Z is not in the manifest: somebody put it there',
      'agama: link in full-20261122T013000Z is not in the manifest: somebody put it there',
    ]);
  });

  it('does not call a backup bad that the vault could not read', () => {
    const unreadable = new FiredrillError('VAULT_READ', 'vault onsite: cannot read b.sql (EIO)');
    const read = new Map<string, FiredrillError | 'whole'>([
      ['a.sql', 'whole'],
      ['b.sql', unreadable],
    ]);
    expect(checkManifest('agama', [{ ...evidence, read }]).outcome).to.equal('inconclusive');
  });
});

describe('checkProvenance', () => {
  const manifest = {
    service: 'telegraf',
    engine: 'influxdb',
    source: { host: 'docker:influxdb', engineVersion: '1.6.7', identity: { database: 'latency' } },
  } as unknown as Manifest;
  const expected = { engine: 'influxdb', host: 'docker:influxdb', identity: { database: 'telegraf' } };

  it('names a backup that holds another database', () => {
    const { outcome, findings } = checkProvenance(manifest, expected);
    expect(outcome).to.equal('fail');
    expect(findings[0]?.sentence).to.equal(
      'telegraf: the backup says that its database is latency, the configuration says telegraf',
    );
  });

  it('passes when all is as configured, and names what was not recorded', () => {
    expect(checkProvenance(manifest, { ...expected, identity: { database: 'latency' } }).outcome).to.equal('pass');
    const { findings } = checkProvenance(manifest, { ...expected, identity: { uuid: 'x' } });
    expect(findings[0]?.sentence).to.match(/its uuid is not recorded/);
  });

  it('believes a replica that follows closely, and no other', () => {
    const good = { ...expected, identity: { database: 'latency' } };
    const judged = (stands: string | null, lagMs: number | null) =>
      checkProvenance(manifest, good, { stands, lagMs }, 3_600_000);
    expect(judged(null, 20_000)).to.include({ outcome: 'pass', expected: 4, lookedAt: 4 });
    const cases: [string | null, number | null, string][] = [
      ['its applier says No', 0, 'that stood still when it was backed up: its applier says No'],
      [null, null, 'of which nobody knows how far it was behind'],
      [null, 7_200_000, 'that was 2 h behind when it was backed up, the objective is 1 h'],
    ];
    for (const [stands, lagMs, what] of cases) {
      const { outcome, findings } = judged(stands, lagMs);
      expect(outcome).to.equal('fail');
      expect(findings[0]?.sentence).to.equal(`telegraf: the source was a replica ${what}`);
    }
  });

  it('knows a backup from elsewhere from one of a replica that was late', () => {
    expect(isFromElsewhere(manifest, expected)).to.equal(true);
    expect(isFromElsewhere(manifest, { ...expected, identity: { database: 'latency' } })).to.equal(false);
  });
});
