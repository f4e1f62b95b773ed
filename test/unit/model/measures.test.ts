import { expect } from 'chai';
import { grafanaEngine } from '../../../src/engines/grafana/grafana.ts';
import { influxdbEngine } from '../../../src/engines/influxdb/influxdb.ts';
import { mysqlEngine } from '../../../src/engines/mysql/mysql.ts';
import type { Json } from '../../../src/kit/json.ts';
import type { ArtifactEntry, Manifest } from '../../../src/model/manifest.ts';
import { measuresOf } from '../../../src/model/measures.ts';

const artifact = (encoding: ArtifactEntry['encoding'], contentBytes: number, bytes: number): ArtifactEntry => ({
  ...{ name: `a${contentBytes}`, role: 'data', sha256: '', encoding, contentBytes, bytes },
});

describe('measuresOf', () => {
  it('tells what was compressed, what hardly became smaller, and all of it', () => {
    const artifacts = [
      artifact('none', 1_000_000, 1_000_000),
      artifact('zstd', 500_000, 100_000),
      // As encrypted data in hexadecimal does.
      artifact('zstd', 400_000, 201_000),
      // Too small to tell.
      artifact('zstd', 100, 110),
    ];
    expect(measuresOf(artifacts, null)).to.deep.equal({
      contentBytes: 1_900_100,
      packed: { contentBytes: 900_100, storedBytes: 301_110 },
      denseBytes: 400_000,
      holds: null,
    });
  });
});

describe('what a service held, by the facts of a manifest', () => {
  const of = (facts: Json) => ({ facts }) as Manifest;

  it('is the rows of all tables but that of the heartbeat', () => {
    const facts = {
      tables: [
        { name: 'a', rows: 5 },
        { name: 'b', rows: 0 },
        { name: 'firedrill_heartbeat', rows: 1 },
      ],
    };
    expect(mysqlEngine.holds(of(facts))).to.deep.equal({ count: 5, unit: 'rows' });
    expect(mysqlEngine.holds(of({ tables: [] }))).to.deep.equal({ count: 0, unit: 'rows' });
  });

  it('is the values of all measurements but that of the heartbeat', () => {
    const fields = (...points: number[]) => points.map((n) => ({ points: n }));
    const facts = {
      measurements: [
        { name: 'cpu', fields: fields(3, 4) },
        { name: 'mem', fields: fields(5) },
        { name: 'firedrill_heartbeat', fields: fields(9) },
      ],
    };
    expect(influxdbEngine.holds(of(facts))).to.deep.equal({ count: 12, unit: 'values' });
  });

  it('is the dashboards of all organisations', () => {
    const facts = { organisations: [{ items: { dashboards: [{}, {}] } }, { items: { dashboards: [{}] } }] };
    expect(grafanaEngine.holds(of(facts))).to.deep.equal({ count: 3, unit: 'dashboards' });
  });

  it('is not known of facts that are none: never nothing', () => {
    const strange: Json[] = [
      ...[null, 7, 'x', [], {}, { tables: {}, measurements: 1, organisations: 'x' }],
      { tables: [{ rows: 'many' }], measurements: [{ fields: 5 }], organisations: [{ items: {} }] },
      { tables: [{ rows: -1 }], measurements: [{ fields: [null] }], organisations: [{}] },
      { tables: [{ rows: 1e300 }], measurements: [{}], organisations: [{ items: null }] },
    ];
    for (const engine of [mysqlEngine, influxdbEngine, grafanaEngine]) {
      for (const facts of strange) expect(engine.holds(of(facts)), JSON.stringify(facts)).to.equal(null);
    }
  });
});
