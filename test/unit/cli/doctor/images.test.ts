import { expect } from 'chai';
import { diagnoseImage, neededImages } from '../../../../src/cli/doctor/images.ts';
import { dockerClient } from '../../../../src/hosts/docker-client.ts';
import { images } from '../../../support/images.ts';

const missing = { image: 'localhost:1/firedrill/nowhere:1', services: ['agama'] };

describe('doctor: images', function () {
  this.timeout(60_000);

  it('asks for each image once', () => {
    const pairs = [
      { service: 'telegraf', image: 'influxdb:1.6' },
      { service: 'agama', image: 'mysql:9.7' },
      { service: 'latency', image: 'influxdb:1.6' },
    ];
    expect(neededImages(pairs)).to.deep.equal([
      { image: 'influxdb:1.6', services: ['telegraf', 'latency'] },
      { image: 'mysql:9.7', services: ['agama'] },
    ]);
  });

  it('finds one that is here', async () => {
    const found = await diagnoseImage(dockerClient(), { image: images().influxdb, services: ['telegraf'] }, 'never');
    expect(found).to.deep.equal({ ok: true, what: `${images().influxdb} (telegraf) is on this machine` });
  });

  it('tells one that is not here and may not, or cannot, be pulled', async () => {
    const never = await diagnoseImage(dockerClient(), missing, 'never');
    expect(never.what).to.match(/drill\.pull is never$/);
    const unpullable = await diagnoseImage(dockerClient(), missing, 'missing');
    expect(unpullable.what).to.match(/cannot be pulled: /);
    for (const found of [never, unpullable]) {
      expect(found).to.include({ ok: false });
      expect(found.advice).to.match(/^Run: docker pull localhost:1\/firedrill\/nowhere:1, or name another/);
    }
  });
});
