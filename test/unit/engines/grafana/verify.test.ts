import { copyFile, truncate, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import fc from 'fast-check';
import { grafanaEngine } from '../../../../src/engines/grafana/grafana.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import type { OpenMember } from '../../../../src/model/member.ts';
import { testActivity } from '../../../support/activity.ts';
import { sampleFile } from '../../../support/grafana-source.ts';
import { backedUpSample, overwrite, type Spoilable, spoil, spoilDatabase } from '../../../support/grafana-spoil.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const verify = (member: OpenMember) => grafanaEngine.verify(member, testActivity());

/** The pages of a table's rows, from 1. */
function leafPageOf(path: string, table: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' LIMIT 1");
  return Number(row.get(table)?.pageno);
}

describe('verify of a Grafana backup', function () {
  this.timeout(30_000);
  let sealed: Spoilable;

  before(async () => {
    sealed = await backedUpSample('7.5.5');
  });
  after(() => sealed[Symbol.asyncDispose]());

  const failureOf = async (member: OpenMember) => rejectionOf(verify(member));

  it('passes what was backed up, with a result for each check that it declares', async () => {
    const results = await verify(sealed.member);
    expect(results.map(({ check }) => check)).to.deep.equal(grafanaEngine.verifies);
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(['pass', 'pass', 'pass']);
  });

  it('tells a zeroed page as the format, though a server would stay healthy', async () => {
    const spoiled = await spoil(sealed, 'grafana.db', async (path) => {
      await overwrite(path, (leafPageOf(path, 'dashboard') - 1) * 4096, Buffer.alloc(4096));
    });
    expect(await failureOf(spoiled)).to.include({ code: 'ARTIFACT_FORMAT' });
  });

  it('tells what is no database, nothing at all, and a zeroed first page', async () => {
    const makers = [
      (path: string) => writeFile(path, 'no database'),
      (path: string) => writeFile(path, ''),
      (path: string) => overwrite(path, 0, Buffer.alloc(4096)),
    ];
    for (const make of makers) {
      expect(await failureOf(await spoil(sealed, 'grafana.db', make))).to.include({ code: 'ARTIFACT_FORMAT' });
    }
  });

  it('tells a database that ends early as incomplete', async () => {
    const spoiled = await spoil(sealed, 'grafana.db', (path) => truncate(path, 400 * 1024));
    const failure = await failureOf(spoiled);
    expect(failure.code).to.equal('ARTIFACT_INCOMPLETE');
    expect(failure.message).to.match(/ends after 409600 of the 737280 bytes/);
  });

  it('tells a missing table, and a missing file beside', async () => {
    const failure = await failureOf(await spoilDatabase(sealed, 'DROP TABLE data_source'));
    expect(failure).to.include({ code: 'ARTIFACT_INCOMPLETE' });
    expect(failure.message).to.match(/table data_source/);
    const emptied = await spoil(sealed, 'files.tar', (path) => writeFile(path, Buffer.alloc(1024)));
    expect((await failureOf(emptied)).message).to.match(/file .*grafana\.ini/);
  });

  const planted = [
    'CREATE TRIGGER evil AFTER UPDATE ON user BEGIN DELETE FROM dashboard; END',
    'CREATE VIEW evil AS SELECT 1',
    'CREATE VIRTUAL TABLE evil USING fts5(x)',
  ];
  for (const sql of planted) {
    it(`refuses ${sql.split(' ').slice(0, 3).join(' ')}`, async () => {
      const failure = await failureOf(await spoilDatabase(sealed, sql));
      expect(failure).to.include({ code: 'LIMIT_EXCEEDED' });
      expect(failure.message).to.include('evil');
    });
  }

  it('refuses a tar with more than files: a link could lead anywhere', async () => {
    const spoiled = await spoil(sealed, 'files.tar', (path) => overwrite(path, 156, Buffer.from('2')));
    expect((await failureOf(spoiled)).code).to.equal('ARTIFACT_FORMAT');
  });

  it('names a changed row as content', async () => {
    const changed = await verify(await spoilDatabase(sealed, "UPDATE annotation SET text = 'x' WHERE id = 1"));
    const content = changed.find(({ check }) => check === 'content');
    expect(content?.findings.map(({ sentence }) => sentence)).to.deep.equal([
      'grafana: rows of table annotation are not the same as when they were backed up',
    ]);
  });

  it('refuses a manifest whose facts are not its own', async () => {
    const wrong = await sealed.reseal((body) => {
      body.facts = { tables: {} };
    });
    expect(await failureOf(wrong)).to.include({ code: 'MANIFEST_INVALID' });
    const twice = await sealed.reseal((body) => {
      for (const entry of body.artifacts) entry.role = 'database';
    });
    expect((await failureOf(twice)).code).to.be.oneOf(['MANIFEST_INVALID', 'ARTIFACT_INCOMPLETE']);
  });

  it('throws nothing but its own errors for any damage', async () => {
    const flips = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 737_279 }), byte: fc.integer({ min: 0, max: 255 }) }),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    const cut = fc.option(fc.integer({ min: 0, max: 737_280 }));
    await fc.assert(
      fc.asyncProperty(flips, cut, async (bytes, end) => {
        const spoiled = await spoil(sealed, 'grafana.db', async (path) => {
          await copyFile(sampleFile('7.5.5'), path);
          for (const { at, byte } of bytes) await overwrite(path, at, Buffer.from([byte]));
          if (end !== null) await truncate(path, end);
        });
        await verify(spoiled).catch((error: unknown) => {
          if (!(error instanceof FiredrillError)) throw error;
          expect(error.code).to.be.oneOf(['ARTIFACT_FORMAT', 'ARTIFACT_INCOMPLETE', 'LIMIT_EXCEEDED']);
        });
      }),
      { numRuns: 40 },
    );
  });
});
