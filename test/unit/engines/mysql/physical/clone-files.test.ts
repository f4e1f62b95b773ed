import { expect } from 'chai';
import fc from 'fast-check';
import { hasPages, isCloneFile } from '../../../../../src/engines/mysql/physical/clone-files.ts';
import { inParts } from '../../../../../src/engines/mysql/physical/store-clone.ts';

describe('the files of a clone', () => {
  it('are tablespaces and logs, below the data folder', () => {
    const pages = [
      'ibdata1',
      'mysql.ibd',
      'undo_001',
      'more.ibu',
      'shop/item.ibd',
      'shop/t@0020x#p#p0.ibd',
      'elsewhere.ibd',
    ];
    for (const name of pages) expect(isCloneFile(name) && hasPages(name), name).to.equal(true);
    for (const name of ['#innodb_redo/#ib_redo0', '#clone/#view_status']) {
      expect(isCloneFile(name), name).to.equal(true);
      expect(hasPages(name), name).to.equal(false);
    }
  });

  it('are never settings, keys, or anything outside', () => {
    const foreign = [
      'auto.cnf',
      'mysqld-auto.cnf',
      'my.cnf',
      'mysqld.my',
      'server-key.pem',
      'private_key.pem',
      'component_keyring_file.cnf',
      '../shop/item.ibd',
      '../item.ibd',
      '/etc/item.ibd',
      'shop/../item.ibd',
      'shop/deep/item.ibd',
      'shop/item.ibd\nauto.cnf',
      'shop/item.so',
      'shop/item.ibd ',
      '',
    ];
    for (const name of foreign) expect(isCloneFile(name), JSON.stringify(name)).to.equal(false);
  });

  it('are spread over archives, each once, the largest apart', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), fc.integer({ min: 1, max: 5 }), (sizes, count) => {
        const files = sizes.map((bytes, i) => ({ name: `${i}`, bytes }));
        const parts = inParts(files, count);
        expect(parts).to.have.length(Math.min(count, files.length));
        expect(
          parts
            .flat()
            .map(({ name }) => name)
            .sort(),
        ).to.deep.equal(files.map(({ name }) => name).sort());
        const loads = parts.map((part) => part.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(Math.max(...loads) - Math.min(...loads)).to.be.at.most(Math.max(...sizes));
      }),
    );
  });
});
