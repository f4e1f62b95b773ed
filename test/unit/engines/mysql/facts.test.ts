import { expect } from 'chai';
import { readFacts } from '../../../../src/engines/mysql/documents.ts';
import type { OpenMember } from '../../../../src/model/member.ts';
import { link } from '../../../support/link.ts';

const table = { database: 'shop', name: 't', artifact: 'a', rows: 1, checksum: '1', digest: null };
const facts = {
  ...{ version: 1, dumpId: 'a'.repeat(32), tables: [table], objects: [], accounts: [], brokenViews: [] },
  newest: null,
};
const memberOf = (databases: string[]) => {
  const source = { host: 'local', identity: { databases }, engineVersion: '9.7.0' };
  return { manifest: link(0, null, { facts, source }).manifest } as OpenMember;
};

describe('the facts of a MySQL backup', () => {
  it('are taken when they are of the databases that the manifest names', () => {
    expect(readFacts(memberOf(['other', 'shop'])).tables).to.have.length(1);
  });

  it('are refused when they are of others: the configuration is compared with those names only', () => {
    expect(() => readFacts(memberOf(['agama'])))
      .to.throw(/says that its source is of \["agama"\], and its facts know a table of "shop"$/)
      .with.property('code', 'MANIFEST_INVALID');
  });
});
