import { expect } from 'chai';
import { imageFor } from '../../../src/cli/image-map.ts';

const engine = { name: 'mysql', officialImage: (version: string) => `mysql:${version}` };

describe('imageFor', () => {
  it('takes the official image where nothing is said', () => {
    expect(imageFor({}, engine, '8.4.3')).to.equal('mysql:8.4.3');
    expect(imageFor({ influxdb: 'x' }, engine, '8.4.3')).to.equal('mysql:8.4.3');
  });

  it('takes one image for all versions', () => {
    expect(imageFor({ mysql: 'own/mysql' }, engine, '8.4.3')).to.equal('own/mysql');
  });

  it('takes the longest version that fits, up to a dot, and never half a number', () => {
    const mysql = { '8': 'eight', '8.4': 'eight-four', '8.4.3': 'exact', '9.1': 'nine-one' };
    const found = ['8.4.3', '8.4.30', '8.4.4-debian', '8.0.1', '9.10.0', '9.1-rc', '80.1'].map((version) =>
      imageFor({ mysql }, engine, version),
    );
    expect(found).to.deep.equal([
      'exact',
      'eight-four',
      'eight-four',
      'eight',
      'mysql:9.10.0',
      'nine-one',
      'mysql:80.1',
    ]);
  });
});
