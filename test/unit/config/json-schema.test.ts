import { expect } from 'chai';
import { z } from 'zod';
import { configJsonSchema, type JsonSchema, keysOf } from '../../../src/config/json-schema.ts';
import { secretSchema } from '../../../src/model/secret.ts';

const engines = [
  { name: 'mysql', title: 'MySQL', settings: z.strictObject({ user: z.string(), password: secretSchema }) },
  { name: 'odd', title: 'Odd', settings: z.custom<string>() },
];

describe('configJsonSchema', () => {
  const schema = configJsonSchema(engines);

  it('is draft 7, which editors know, and says what is not known to be wrong', () => {
    expect(schema.$schema).to.match(/draft-07/);
    expect(schema.additionalProperties).to.equal(false);
    expect(schema.required).to.have.members(['version', 'keys', 'vaults', 'services']);
  });

  it('describes what a person writes, not what the program makes of it', () => {
    const drill = schema.properties?.drill?.properties;
    expect(drill?.rto).to.include({ type: 'string', default: '30m' });
    expect(new RegExp(drill?.rto?.pattern ?? 'x').test('1h30m')).to.equal(true);
    expect(new RegExp(drill?.limits?.properties?.memory?.pattern ?? 'x').test('4GB')).to.equal(false);
  });

  it('has a form of a service for each engine, with its settings', () => {
    const services = schema.properties?.services?.additionalProperties as JsonSchema;
    expect(services.oneOf?.map((form) => form.properties?.engine?.const)).to.deep.equal(['mysql', 'odd']);
    const password = services.oneOf?.[0]?.properties?.settings?.properties?.password;
    expect(password?.anyOf?.map((form) => form.required)).to.deep.equal([['file'], ['env']]);
  });

  it('describes every key', () => {
    const silent: string[] = [];
    const walk = (at: JsonSchema, path: string) => {
      for (const [key, value] of Object.entries(at.properties ?? {})) {
        if (value.description === undefined && !path.includes('settings')) silent.push(`${path}.${key}`);
        walk(value, `${path}.${key}`);
      }
      for (const inner of [...(at.anyOf ?? []), ...(at.oneOf ?? []), at.additionalProperties, at.items]) {
        if (typeof inner === 'object') walk(inner, path);
      }
    };
    walk(schema, '');
    expect(silent).to.deep.equal([]);
  });

  it('knows the keys of all places, for hints', () => {
    const keys = keysOf(schema);
    expect(keys).to.include.members(['rpo', 'knownHostsFile', 'loopbackNames', 'user', 'smtp', 'env']);
    expect(new Set(keys).size).to.equal(keys.length);
  });
});
