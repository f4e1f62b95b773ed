import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exampleConfig } from '../src/config/example.ts';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { scenarioJsonSchema } from '../src/config/load-scenarios.ts';
import { engines } from '../src/engines/index.ts';
import { manifestSchema } from '../src/model/manifest.ts';
import { configurationPage } from './configuration-page.ts';

// Writes the documents that are generated from the code. Tests compare them with it.

const docs = join(import.meta.dirname, '../docs');
const config = configJsonSchema(engines);
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

writeFileSync(join(docs, 'manifest.schema.json'), json(z.toJSONSchema(manifestSchema, { io: 'input' })));
writeFileSync(join(docs, 'firedrill.schema.json'), json(config));
writeFileSync(join(docs, 'scenario.schema.json'), json(scenarioJsonSchema(engines)));
writeFileSync(join(docs, 'configuration.md'), configurationPage(config, exampleConfig()));
