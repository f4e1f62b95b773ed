import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import { manifestSchema } from '../../../src/model/manifest.ts';

const file = new URL('../../../docs/manifest.schema.json', import.meta.url);

describe('docs/manifest.schema.json', () => {
  it('is what the code says (npm run schema writes it anew)', () => {
    const generated = z.toJSONSchema(manifestSchema, { io: 'input' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(JSON.parse(JSON.stringify(generated)));
  });
});
