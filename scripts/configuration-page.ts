import type { JsonSchema } from '../src/config/json-schema.ts';

/** The page docs/configuration.md: every key from the schema, and the example from what `init` writes. */
export function configurationPage(schema: JsonSchema, example: string): string {
  return `${intro}
## All keys
\`*\` stands for a name of your choice. **Bold** keys must be there, where the map that they belong to is.

| key | meaning | allowed | default |
|---|---|---|---|
${rowsOf(schema, '', []).join('\n')}

## Example
This is what \`firedrill init\` writes.

\`\`\`yaml
${example.trimEnd()}
\`\`\`
`;
}

const intro = `# Configuration

<!-- Written by \`npm run schema\` from src/config/; a test holds it. -->

One file, \`firedrill.yaml\`, says everything: \`--config <file>\`, else \`$FIREDRILL_CONFIG\`, else the current folder.
\`firedrill init\` writes a commented one, \`firedrill config check\` lists all that is wrong in it at once, and editors that know
JSON schema complete it with the help of [firedrill.schema.json](firedrill.schema.json).

- Relative paths begin at the file's folder.
- A secret never stands in it: \`{ file: <path> }\` names a file that holds it and nothing else, and that not everybody may
  read; \`{ env: <NAME> }\` names an environment variable. Secrets appear in no log, report, argument or manifest.
- Durations: \`90s\`, \`30m\`, \`1h30m\`, \`56d\`, \`8w\`. Sizes: \`512MiB\`, \`4GiB\`.
- Unknown keys are errors: a typing mistake is never silently ignored.
- Beside the file, firedrill reads these variables: \`FIREDRILL_CONFIG\`, \`DOCKER_HOST\` (\`unix:///path\` or
  \`tcp://host:port\`), \`NO_COLOR\`, and those that the file names for secrets.
`;

function rowsOf(schema: JsonSchema, path: string, required: readonly string[]): string[] {
  const { properties = {}, additionalProperties } = schema;
  const own = Object.entries(properties).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [row(at, value, (schema.required ?? required).includes(key)), ...inner(value, at)];
  });
  return typeof additionalProperties === 'object' ? [...own, ...inner(additionalProperties, `${path}.*`)] : own;
}

/** Keys beneath a key, whichever of several forms it has. Services differ by engine in their settings only. */
function inner(schema: JsonSchema, path: string): string[] {
  if (isSecret(schema)) return [];
  if (schema.items) return inner(schema.items, `${path}[]`);
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter((form) => form.properties);
  if (forms.length === 0) return rowsOf(schema, path, []);
  const [first] = forms;
  if (first?.properties?.kind?.const !== undefined) return kindsOf(forms, path);
  if (!first?.properties?.engine) return forms.flatMap((form) => rowsOf(form, path, []));
  const { settings: _, engine: __, checks: ___, ...common } = first.properties;
  const engines = forms.map((form) => form.properties?.engine?.const);
  const engine = { enum: engines, description: 'what kind of service it is' };
  const shared = { ...first, properties: { engine, ...common } };
  const settings = forms.flatMap((form) => {
    const { settings: own = {}, engine: named } = form.properties ?? {};
    const at = `${path}.settings`;
    return [row(`${at} (${named?.const})`, own, true), ...inner(own, `${at} (${named?.const})`)];
  });
  return [...rowsOf(shared, path, []), ...checksOf(forms, `${path}.checks`), ...settings];
}

/** The checks of services: what is expected of an answer is the same for all, how it is asked each engine's own. */
function checksOf(forms: readonly JsonSchema[], path: string): string[] {
  const asked = forms.flatMap(({ properties: { checks, engine } = {} }) => {
    const form = checks?.additionalProperties;
    return typeof form === 'object' ? [{ engine: engine?.const, checks, form }] : [];
  });
  const [first] = asked;
  if (!first?.checks) return [];
  const isShared = (key: string) => asked.every(({ form }) => form.properties?.[key]);
  const own = asked.flatMap(({ engine, form }) =>
    rowsOf(
      part(form, (key) => !isShared(key)),
      `${path}.* (${engine})`,
      [],
    ),
  );
  return [
    row(path, { ...first.checks, default: undefined }, false),
    ...own,
    ...rowsOf(part(first.form, isShared), `${path}.*`, []),
  ];
}

/** What all kinds have in common, then what each has of its own. */
function kindsOf(forms: readonly JsonSchema[], path: string): string[] {
  const all = forms.map((form) => form.properties ?? {});
  const isShared = (key: string) => all.every((each) => JSON.stringify(each[key]) === JSON.stringify(all[0]?.[key]));
  const kinds = { enum: all.map((each) => each.kind?.const), description: 'the kind of vault' };
  const shared = rowsOf(part(forms[0] ?? {}, isShared), path, []);
  const own = forms.flatMap((form) =>
    rowsOf(
      part(form, (key) => !isShared(key) && key !== 'kind'),
      `${path} (${form.properties?.kind?.const})`,
      [],
    ),
  );
  return [row(`${path}.kind`, kinds, true), ...shared, ...own];
}

function part(form: JsonSchema, wanted: (key: string) => boolean): JsonSchema {
  const properties = Object.fromEntries(Object.entries(form.properties ?? {}).filter(([key]) => wanted(key)));
  return { properties, required: form.required ?? [] };
}

function row(path: string, schema: JsonSchema, isRequired: boolean): string {
  const key = isRequired ? `**\`${path}\`**` : `\`${path}\``;
  const given = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default).replaceAll('"', '')}\``;
  const plain = given === '`{}`' || given === '`[]`' ? '' : given;
  const cells = [key, schema.description ?? '', allowed(schema), plain];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function allowed(schema: JsonSchema): string {
  if (isSecret(schema)) return '`{ file }` or `{ env }`';
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (forms.length > 0) return [...new Set(forms.map(allowed))].join(' or ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((each) => `\`${each}\``).join(', ');
  if (schema.items) return `a list of ${allowed(schema.items)}`;
  if (schema.properties)
    return `a map of ${Object.keys(schema.properties)
      .map((key) => `\`${key}\``)
      .join(', ')}`;
  if (schema.type === 'object') return 'a map by name';
  return scalar(schema);
}

function scalar({ type, pattern, minimum, maximum }: JsonSchema): string {
  if (Array.isArray(type)) return type.map((each) => scalar({ type: each })).join(' or ');
  if (type === 'integer' || type === 'number') {
    const number = type === 'integer' ? 'a whole number' : 'a number';
    const from = minimum === undefined ? '' : ` from ${minimum}`;
    return `${number}${from}${maximum === undefined || maximum > 2 ** 31 ? '' : ` to ${maximum}`}`;
  }
  if (type === 'boolean') return '`true` or `false`';
  if (pattern?.includes('[smhdw]')) return 'a duration';
  if (pattern?.includes('[0-9*,/-]')) return 'five fields of cron';
  if (type === undefined) return 'anything';
  return pattern?.includes('KiB') ? 'a size' : 'text';
}

const isSecret = ({ anyOf = [] }: JsonSchema) =>
  anyOf.some((form) => form.properties?.env) && anyOf.some((form) => form.properties?.file);
