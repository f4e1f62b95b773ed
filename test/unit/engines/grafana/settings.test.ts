import { expect } from 'chai';
import { z } from 'zod';
import { grafanaEngine } from '../../../../src/engines/grafana/grafana.ts';
import { grafanaRecipe, secretKeyFile } from '../../../../src/engines/grafana/restore/recipe.ts';
import { grafanaSettings } from '../../../../src/engines/grafana/settings.ts';
import { imageTagOf, isStandIn, majorOf } from '../../../../src/engines/grafana/version.ts';
import { Secret } from '../../../../src/model/secret.ts';

describe("Grafana's settings", () => {
  it('need nothing: they are those of the official packages and images', () => {
    expect(grafanaSettings.parse({})).to.deep.equal({
      database: '/var/lib/grafana/grafana.db',
      files: ['/etc/grafana'],
      port: 3000,
      scheme: 'http',
    });
  });

  it('take a secret by reference only', () => {
    expect(grafanaSettings.parse({ secretKey: { env: 'KEY' } }).secretKey).to.be.instanceOf(Secret);
    expect(grafanaSettings.safeParse({ secretKey: 'plain' }).success).to.equal(false);
  });

  const wrong = [
    { database: 'grafana.db' },
    { database: '/a\nb' },
    { files: ['relative'] },
    { port: 0 },
    { port: '3000' },
    { scheme: 'ftp' },
    { sock: 1 },
  ];
  for (const each of wrong) {
    it(`refuse ${JSON.stringify(each)}`, () => {
      expect(grafanaSettings.safeParse(each).success).to.equal(false);
    });
  }

  it('are described, each one, for editors', () => {
    const schema = z.toJSONSchema(grafanaSettings, { io: 'input', unrepresentable: 'any' });
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      expect(property, name).to.have.property('description');
    }
  });
});

describe("Grafana's versions", () => {
  it('are the same when major and minor are, whoever answers for them', () => {
    const same: [string, string, boolean][] = [
      ['7.5.5', '7.5.5', true],
      ['7.5.5', '7.5.5-stand-in', true],
      ['7.5.5', '7.5.17', true],
      ['7.5.5', '7.3.6', false],
      ['7.5.5', '8.5.5', false],
      ['10.1.0', '10.10.0', false],
      ['', '', false],
      ['latest', 'latest', false],
    ];
    for (const [recorded, found, expected] of same) {
      expect(grafanaEngine.sameVersion(recorded, found), `${recorded} ${found}`).to.equal(expected);
    }
  });

  it('name the official image, and tell a stand-in', () => {
    expect(grafanaEngine.officialImage('7.5.5')).to.equal('grafana/grafana:7.5.5');
    expect(grafanaEngine.officialImage('7.5.5-stand-in')).to.equal('grafana/grafana:7.5.5');
    expect(['7.5.5-stand-in', '7.5.5'].map(isStandIn)).to.deep.equal([true, false]);
    expect([imageTagOf('11.6.0+security-01'), majorOf('12.0.1')]).to.deep.equal(['11.6.0-security-01', 12]);
  });
});

describe("Grafana's recipe for the sandbox", () => {
  it('silences all that speaks, by the names of old and new versions', () => {
    const { env } = grafanaRecipe(false);
    const off = Object.entries(env).filter(([, value]) => value === 'false');
    expect(off.map(([name]) => name)).to.include.members([
      'GF_ALERTING_EXECUTE_ALERTS',
      'GF_UNIFIED_ALERTING_EXECUTE_ALERTS',
      'GF_SMTP_ENABLED',
      'GF_ANALYTICS_REPORTING_ENABLED',
      'GF_SNAPSHOTS_EXTERNAL_ENABLED',
    ]);
    expect(Object.keys(env).filter((name) => /ALERTING_ENABLED$/.test(name))).to.deep.equal([]);
    expect(env.GF_SECURITY_DISABLE_BRUTE_FORCE_LOGIN_PROTECTION).to.equal('true');
  });

  it('listens on a socket only, needs no capability, and carries no secret', () => {
    const recipe = grafanaRecipe(true);
    expect(recipe.env).to.include({ GF_SERVER_PROTOCOL: 'socket', GF_SERVER_SOCKET: `/run/pod/${recipe.socket}` });
    expect(recipe.capabilities).to.deep.equal([]);
    expect(recipe.env.GF_SECURITY_SECRET_KEY).to.equal(`$__file{${secretKeyFile}}`);
    expect(grafanaRecipe(false).env).to.not.have.property('GF_SECURITY_SECRET_KEY');
  });
});
