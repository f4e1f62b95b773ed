import { z } from 'zod';
import { type ConfiguredEngine, configSchema } from './schema.ts';

/** The parts of a JSON schema that this program makes and reads. */
export interface JsonSchema {
  $schema?: string;
  title?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  description?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** The schema of firedrill.yaml for editors. Draft 7: what their YAML servers know best. */
export function configJsonSchema(engines: readonly ConfiguredEngine[]): JsonSchema {
  const schema = z.toJSONSchema(configSchema(engines), { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  // A copy as plain data: what cannot be written to a file is not in it.
  return { title: 'firedrill.yaml', ...(JSON.parse(JSON.stringify(schema)) as JsonSchema) };
}

/** The names of all keys, wherever they stand. */
export function keysOf(schema: JsonSchema): string[] {
  const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [] } = schema;
  const inner = [...Object.values(properties), ...anyOf, ...oneOf, ...(items ? [items] : [])];
  if (typeof additionalProperties === 'object') inner.push(additionalProperties);
  return [...new Set([...Object.keys(properties), ...inner.flatMap(keysOf)])];
}
