import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { exampleConfig } from '../config/example.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import type { ConfiguredEngine } from '../config/schema.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { createSigningKey } from '../kit/signing-key.ts';

export interface InitOrder {
  configFile: string;
  engines: readonly ConfiguredEngine[];
  /** Overwrite a configuration. */
  force: boolean;
  keysOnly: boolean;
}

export interface WrittenFile {
  path: string;
  /** Relative to the configuration's folder. */
  name: string;
  /** For the user: what it is. */
  what: string;
}

interface Plan extends WrittenFile {
  text: string;
  mode: number;
}

/** What must not get into a repository. */
export const ignored = ['/keys/signing.key', '/keys/*_ssh', '/secrets/', '/vault/', '/reports/'];

const privateKey = 'keys/signing.key';
const publicKey = 'keys/signing.pub';

/** Writes the example, its schema, a pair of keys and a .gitignore; USAGE, and nothing written, when it would overwrite. */
export async function initialise(order: InitOrder): Promise<{ written: WrittenFile[]; hasIgnore: boolean }> {
  const file = resolve(order.configFile);
  const at = (name: string) => join(dirname(file), name);
  const hasIgnore = existsSync(at('.gitignore'));
  const plans = [...keyPlans(at, order.keysOnly), ...(order.keysOnly ? [] : configPlans(file, at, order, hasIgnore))];
  for (const plan of plans) await write(plan);
  if (order.keysOnly) return { written: plans, hasIgnore };
  // The example's vault: an absent vault is an error, since it may only not be mounted.
  await mkdir(at('vault'), { recursive: true, mode: 0o700 });
  return { written: [...plans, { name: 'vault/', path: at('vault'), what: 'where backups will lie' }], hasIgnore };
}

function configPlans(file: string, at: (name: string) => string, { engines, force }: InitOrder, hasIgnore: boolean) {
  if (existsSync(file) && !force) {
    const hint = 'Edit it, then run: firedrill config check. To begin anew: firedrill init --force';
    throw new FiredrillError('USAGE', `${file} exists already; nothing was written`, { hint });
  }
  const plan = (name: string, text: string, what: string, path = at(name)): Plan => ({
    ...{ name, path, text, what, mode: 0o644 },
  });
  const schema = `${JSON.stringify(configJsonSchema(engines), null, 2)}\n`;
  return [
    plan(basename(file), exampleConfig(), 'the configuration, commented: edit it', file),
    plan('firedrill.schema.json', schema, 'its schema, for editors'),
    ...(hasIgnore ? [] : [plan('.gitignore', `${ignored.join('\n')}\n`, 'keeps secrets out of a repository')]),
  ];
}

function keyPlans(at: (name: string) => string, keysOnly: boolean): Plan[] {
  const there = [privateKey, publicKey].filter((name) => existsSync(at(name)));
  // Kept, and never replaced: without the public key no old backup would be believed.
  if (there.length === 2 && !keysOnly) return [];
  if (there.length > 0) {
    const hint = 'Move it away only if no backup that it signed is needed any more, or name other files under keys.';
    throw new FiredrillError('USAGE', `${at(there[0] ?? '')} exists already; nothing was written`, { hint });
  }
  const { privatePem, publicPem } = createSigningKey();
  return [
    { name: privateKey, path: at(privateKey), text: privatePem, mode: 0o600, what: 'signs backups: secret' },
    { name: publicKey, path: at(publicKey), text: publicPem, mode: 0o644, what: 'verifies backups' },
  ];
}

async function write({ path, text, mode }: Plan): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // A secret is never written into a file that exists, whose mode would be another.
    await writeFile(path, text, mode === 0o600 ? { mode, flag: 'wx' } : { mode });
  } catch (cause) {
    throw new FiredrillError('FILE_WRITE', `${path} cannot be written: ${messageOf(cause)}`, { cause });
  }
}
