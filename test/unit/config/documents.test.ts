import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { configurationPage } from '../../../scripts/configuration-page.ts';
import { exampleConfig } from '../../../src/config/example.ts';
import { configJsonSchema, keysOf } from '../../../src/config/json-schema.ts';
import { engines } from '../../../src/engines/index.ts';

const docs = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const schema = configJsonSchema(engines);

describe('documents of the configuration (npm run schema writes them anew)', () => {
  it('docs/firedrill.schema.json is what the code says', () => {
    expect(JSON.parse(docs('firedrill.schema.json'))).to.deep.equal(schema);
  });

  it('docs/configuration.md is what the schema and the example say', () => {
    const isCurrent = docs('configuration.md') === configurationPage(schema, exampleConfig());
    expect(isCurrent, 'docs/configuration.md is of another time: npm run schema').to.equal(true);
  });

  it('docs/configuration.md explains every key', () => {
    const explained = new Set(
      [...docs('configuration.md').matchAll(/^\| \**`([^`]+)`/gm)].map(([, key]) => key?.split('.').at(-1)),
    );
    // How a secret is written is explained above the table.
    const missing = keysOf(schema).filter((key) => !['file', 'env', 'settings'].includes(key) && !explained.has(key));
    expect(missing).to.deep.equal([]);
    expect(explained.size).to.be.greaterThan(40);
  });
});
