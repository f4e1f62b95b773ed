import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { exampleConfig } from '../config/example.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import type { ConfiguredEngine } from '../config/schema.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { createSigningKey } from '../kit/signing-key.ts';
import { directoryVault } from '../vault/directory.ts';

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
export const ignored = ['/keys/signing.key', '/keys/ledger.key', '/keys/*_ssh', '/secrets/', '/vault/', '/reports/'];

/** Two pairs: a machine that only drills has no key that could make a backup. */
const pairs = [
  { name: 'keys/signing', secret: 'signs backups: secret', open: 'verifies backups' },
  { name: 'keys/ledger', secret: 'signs receipts of drills: secret', open: 'verifies receipts' },
] as const;

/** Writes the example, its schema, pairs of keys and a .gitignore; USAGE, and nothing written, when it would overwrite. */
export async function initialise(order: InitOrder): Promise<{ written: WrittenFile[]; hasIgnore: boolean }> {
  const file = resolve(order.configFile);
  const at = (name: string) => join(dirname(file), name);
  const hasIgnore = existsSync(at('.gitignore'));
  const plans = [...keyPlans(at, order.keysOnly), ...(order.keysOnly ? [] : configPlans(file, at, order, hasIgnore))];
  for (const plan of plans) await write(plan);
  if (order.keysOnly) return { written: plans, hasIgnore };
  // The example's vault: one that is absent, or that nobody has meant, may only not be mounted.
  await directoryVault('onsite', at('vault')).mark();
  return { written: [...plans, { name: 'vault/', path: at('vault'), what: 'where backups will lie' }], hasIgnore };
}

/** Writes a private key of age into a file that is not there yet, and returns its public half; USAGE when it is there. */
export async function initialiseEscrow(path: string): Promise<string> {
  if (existsSync(path)) {
    const hint = 'Whatever was encrypted to it needs it. Name another file.';
    throw new FiredrillError('USAGE', `${path} exists already; nothing was written`, { hint });
  }
  const { createEscrowKey } = await import('../vault/age.ts');
  const { text, recipient } = await createEscrowKey();
  await write({ name: basename(path), path, text, mode: 0o600, what: 'opens encrypted backups: secret' });
  return recipient;
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

/** What is there is kept, and never replaced: without the public key no old backup would be believed. */
function keyPlans(at: (name: string) => string, keysOnly: boolean): Plan[] {
  const plans = pairs.flatMap((pair) => pairPlans(at, pair));
  if (plans.length === 0 && keysOnly) throw existsAlready(at(`${pairs[0].name}.key`));
  return plans;
}

function pairPlans(at: (name: string) => string, { name, secret, open }: (typeof pairs)[number]): Plan[] {
  const files = [`${name}.key`, `${name}.pub`] as const;
  const there = files.filter((file) => existsSync(at(file)));
  if (there.length === 2) return [];
  if (there[0] !== undefined) throw existsAlready(at(there[0]));
  const { privatePem, publicPem } = createSigningKey();
  return [
    { name: files[0], path: at(files[0]), text: privatePem, mode: 0o600, what: secret },
    { name: files[1], path: at(files[1]), text: publicPem, mode: 0o644, what: open },
  ];
}

function existsAlready(path: string) {
  const hint = 'Move it away only if nothing that it signed is needed any more, or name other files under keys.';
  return new FiredrillError('USAGE', `${path} exists already; nothing was written`, { hint });
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
