import { expect } from 'chai';
import {
  chooseSecretKey,
  grafanasDefaultKey,
  secretKeyIn,
} from '../../../../src/engines/grafana/secrets/secret-key.ts';
import { Secret } from '../../../../src/model/secret.ts';

const ini = (line: string, section = 'security') =>
  `[server]\nhttp_port = 3000\n\n[${section}]\n${line}\n[log]\nmode = console\n`;

describe("Grafana's secret_key", () => {
  const lines: [string, string | undefined][] = [
    ['secret_key = abc', 'abc'],
    ['secret_key=abc', 'abc'],
    ['  secret_key : abc  ', 'abc'],
    ['secret_key = "a b;c"', 'a b;c'],
    ['secret_key = """#;abc"""', '#;abc'],
    ['secret_key = `a"b`', 'a"b'],
    ['secret_key = abc ; set by hand', 'abc'],
    ['secret_key = a=b', 'a=b'],
    [';secret_key = abc', undefined],
    ['# secret_key = abc', undefined],
    ['secret_key =', undefined],
    ['secret_key = $__file{/run/key}', undefined],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own form of a reference
    ['secret_key = ${KEY}', undefined],
    ['my_secret_key = abc', undefined],
    ['secret_key = first\nsecret_key = second', 'second'],
  ];
  for (const [line, value] of lines) {
    it(`of ${JSON.stringify(line)} is ${value ?? 'not there'}`, () => {
      expect(secretKeyIn(ini(line))).to.equal(value);
    });
  }

  it('counts in [security] only, and with Windows line ends', () => {
    expect(secretKeyIn(ini('secret_key = abc', 'server'))).to.equal(undefined);
    expect(secretKeyIn(ini('secret_key = abc').replaceAll('\n', '\r\n'))).to.equal('abc');
  });

  it('is taken from the configuration, then from grafana.ini, then it is the default', () => {
    const configured = new Secret({ env: 'KEY' }, 'mine');
    expect(chooseSecretKey(configured, ini('secret_key = abc'))).to.deep.equal({
      value: 'mine',
      from: 'the configuration',
    });
    expect(chooseSecretKey(undefined, ini('secret_key = abc')).value).to.equal('abc');
    expect(chooseSecretKey(undefined, ini(';')).value).to.equal(grafanasDefaultKey);
    expect(chooseSecretKey(undefined, undefined)).to.deep.equal({
      value: grafanasDefaultKey,
      from: "Grafana's default",
    });
  });
});
