import { expect } from 'chai';
import { GrafanaDatabase } from '../../../../src/engines/grafana/database/grafana-database.ts';
import { installationOf } from '../../../../src/engines/grafana/database/installation.ts';
import { grafanaEngine } from '../../../../src/engines/grafana/grafana.ts';
import { type BlockList, listBlocks } from '../../../../src/engines/grafana/pages/blocks.ts';
import { blocksOf, positionOfFull, positionOfIncrement } from '../../../../src/engines/grafana/position.ts';
import type { Json } from '../../../../src/kit/json.ts';
import type { Manifest } from '../../../../src/model/manifest.ts';
import { type Sample, sampleFile } from '../../../support/grafana-source.ts';

const manifest = (position: Json) => ({ position }) as Manifest;
const discontinuity = (before: Json, next: Json) =>
  grafanaEngine.increments?.discontinuity(manifest(before), manifest(next));

describe('the positions of Grafana backups', () => {
  let [base, other] = [{} as BlockList, {} as BlockList];

  before(async () => {
    [base, other] = [await listBlocks(sampleFile('7.5.5')), await listBlocks(sampleFile('7.5.5-later'))];
  });

  it('tell the blocks of a full, and those only', () => {
    const position = positionOfFull(base);
    expect(blocksOf(manifest(position))).to.deep.equal(base);
    expect(blocksOf(manifest(positionOfIncrement(base, other, 3)))).to.equal(undefined);
  });

  it('are taken only when they can be true', () => {
    const whole = positionOfFull(base) as Record<string, Json>;
    const wrong: Json[] = [
      null,
      { ...whole, version: 2 },
      { ...whole, pageBytes: 4095 },
      { ...whole, blockHashes: String(whole.blockHashes).slice(16) },
      { ...whole, blockHashes: '' },
      { ...whole, base: { bytes: base.bytes * 2, sha256: base.sha256 } },
      { ...whole, more: 1 },
    ];
    for (const position of wrong) expect(blocksOf(manifest(position))).to.equal(undefined);
  });

  it('say whether members were made on one base, the full among them or not', () => {
    const [full, first, second] = [
      positionOfFull(base),
      positionOfIncrement(base, other, 3),
      positionOfIncrement(base, base, 0),
    ];
    expect(discontinuity(full, first)).to.equal(undefined);
    expect(discontinuity(first, second)).to.equal(undefined);
    const foreign = positionOfIncrement(other, base, 3);
    const [here, there] = [other, base].map(({ sha256 }) => `${sha256.slice(0, 12)}…`);
    expect(discontinuity(full, foreign)).to.equal(`it was made on the database ${here}, not on ${there}`);
    expect(discontinuity(null, first)).to.match(/not on one that is known$/);
    expect(discontinuity(full, null)).to.equal('it does not say on which database it was made');
  });

  it('belong to one installation, whatever happened to it later', () => {
    const installation = (sample: Sample) => {
      using db = new GrafanaDatabase(sampleFile(sample), 'INTERNAL');
      return installationOf(db);
    };
    expect(installation('7.5.5'))
      .to.match(/^[0-9a-f]{16}$/)
      .and.equal(installation('7.5.5-later'));
    expect(installation('7.5.5')).to.not.equal(installation('6.2.4'));
  });
});
